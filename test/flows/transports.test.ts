import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requestPath, transports } from '../../src/bot/slack-manifest.ts'
import { createShop, importFirst, storyOf, type Story } from '../support/story.ts'
import { startTestWorld, type TestWorld } from '../support/world.ts'

const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5'
const manifests = { socket: 'manifest.yml', http: 'manifest-http.yml' } as const

describe.each(transports)('a promotion with an approval, over %s', (transport) => {
  let world: TestWorld
  let story: Story
  let release: string
  /** Tells Slack where Slipway is, as who installs it does on the app's page. */
  const meet = async (): Promise<void> => {
    if (transport === 'http') await world.slack.http.setRequestUrl(`http://127.0.0.1:${world.slipway().port}${requestPath}`)
  }
  const readyz = async () => fetch(`http://127.0.0.1:${world.slipway().port}/readyz`)

  beforeAll(async () => {
    world = await startTestWorld({
      slack: { manifest: readFileSync(new URL(`../../${manifests[transport]}`, import.meta.url), 'utf8'), signingSecret },
      settings: transport === 'http' ? { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: signingSecret } : {},
    })
    await meet()
    story = storyOf(world)
  })
  afterAll(() => world.close())

  it('is installed by its own manifest, and ready without a word missing', async () => {
    await expect.poll(async () => (await readyz()).status).toBe(200)
    expect(await (await readyz()).text()).not.toContain('slack')
  })

  it('begins with commands and a modal', async () => {
    await createShop(story, 'approvals=1 stability=1s')
    release = await importFirst(story)
    await story.ana.command(story.channel, `/convox releases promote ${release} -a shop`)
    expect((await story.card(new RegExp(release))).text).toContain(`Waiting for approval: ana asks to promote ${release} to shop`)
  })

  it('goes on when Slipway was restarted meanwhile: a click that Slack sends twice is one approval', async () => {
    const card = await story.card(new RegExp(release))
    await world.stop()
    await world.start()
    await meet()
    const before = world.slack.http.sent().length
    if (transport === 'socket') world.slack.tamper(() => [{ after: 0, id: 'same' }, { after: 20, id: 'same' }, { after: 40, id: 'new' }])
    await story.bo.click(card, 'Approve')
    for (const { url, headers, body } of world.slack.http.sent().slice(before)) expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200)
    const done = await story.card(/^Succeeded: /, 30_000)
    await world.slack.until(() => /(^|\n)OK\b/.test(story.thread(done)))
    world.slack.tamper(undefined)
    expect(world.slack.messages(story.channel).filter((message) => message.thread === undefined)).toHaveLength(1)
    expect(story.bo.ephemerals(story.channel).map((one) => one.text).filter((text) => text.includes(release))).toEqual([`You approved ${release} for shop: 1 of 1.`])
    expect(await story.ask(story.ana, '/convox releases --text -a shop', /ID {2}/)).toContain(`${release}  active`)
  })

  it('answers a mention', async () => {
    const seen = new Set(story.ana.ephemerals(story.channel).map(({ ts }) => ts))
    story.ana.say(story.channel, '<@UCONVOX01> releases -a shop')
    const answer = await world.slack.until(() => story.ana.ephemerals(story.channel).find(({ ts }) => !seen.has(ts)))
    expect(JSON.stringify(answer.blocks)).toContain(release)
  })

  it('writes no secret of the transport into the log', () => {
    const { SLACK_APP_TOKEN: appToken = '' } = world.settings
    for (const secret of [signingSecret, appToken, 'xoxb-']) expect(world.logged()).not.toContain(secret)
  })
})

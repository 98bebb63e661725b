import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runningShop, storyOf, type Story } from '../support/story.ts'
import { startTestWorld, type TestWorld } from '../support/world.ts'

describe('a promotion without approvals', () => {
  let world: TestWorld
  let story: Story
  let first: string
  beforeAll(async () => {
    world = await startTestWorld()
    story = storyOf(world)
    first = await runningShop(story)
  })
  afterAll(() => world.close())

  it('ends with the release active, one card and OK as the last word', async () => {
    const card = await story.card(/^Succeeded: /, 30_000)
    await world.slack.until(() => /(^|\n)OK\b/.test(story.thread(card)))
    const lines = story.thread(card).split('\n').filter((line) => line.startsWith('20'))
    const statuses = lines.filter((line) => line.includes('atom/app')).map((line) => line.slice(line.indexOf('Status:')))
    // seeds/convox-v3-release.txt, with answers.md's "first promote of an app: None => Pending"
    expect(statuses).toEqual(['Status: None => Pending', 'Status: Pending => Updating', 'Status: Updating => Running'])
    expect(lines.every((line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ system\//.test(line))).toBe(true)
    expect(await story.ask(story.ana, '/convox releases --text -a shop', /ID {2}/)).toContain(`${first}  active`)
    expect(world.slack.messages(story.channel).filter((message) => message.thread === undefined)).toHaveLength(1)
  })

  it('goes back by itself when the next release crashes, and says so once', async () => {
    await story.ana.command(story.channel, `/convox deploy ${world.shop}:crash -a shop`)
    const card = await story.card(/^Rolled back: /, 30_000)
    const notice = await world.slack.until(() => world.slack.thread(card).find((message) => message.broadcast === true))
    // Both crash; which one is seen first is chance.
    const crashed = /failed: (web|worker) crashed/.exec(card.text)?.[1] ?? 'neither'
    expect(card.text).toMatch(new RegExp(`^Rolled back: shop runs ${first} again; R[A-Z]{10} failed: ${crashed} crashed at start \\(exit 1\\)\\.$`))
    expect(JSON.stringify(notice.blocks)).toContain(`ERROR: rolled back to ${first}: ${crashed} crashed at start (exit 1)`)
    expect(JSON.stringify(notice.blocks)).toContain('DATABASE_URL is not set')
    expect(world.slack.thread(card).filter((message) => message.broadcast === true)).toHaveLength(1)
    expect(world.slack.thread(card).at(-1)?.ts).toBe(notice.ts)
    expect(await story.ask(story.ana, '/convox releases --text -a shop', /ID {2}/)).toContain(`${first}  active`)
    expect(JSON.stringify(card.blocks)).not.toContain('"actions"')
  })
})

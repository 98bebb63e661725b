import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { runningShop, storyOf, type Story } from '../../support/story.ts'
import { startTestWorld, type TestWorld } from '../../support/world.ts'

describe('the buttons of a last word', () => {
  let world: TestWorld
  let story: Story
  beforeAll(async () => {
    world = await startTestWorld()
    story = storyOf(world)
    await runningShop(story)
    await story.card(/^Succeeded: /, 30_000)
  })
  afterAll(() => world.close())

  const notices = (): readonly Message[] => world.slack.messages(story.channel).filter((message) => message.broadcast === true)
  const hasButtons = (ts: string | undefined): boolean => notices().find((message) => message.ts === ts)?.blocks?.some(({ type }) => type === 'actions') === true
  const crash = async (): Promise<string> => {
    const before = new Set(notices().map(({ ts }) => ts))
    await story.ana.command(story.channel, `/convox deploy ${world.shop}:crash -a shop`)
    return (await world.slack.until(() => notices().find(({ ts }) => !before.has(ts)), 40_000)).ts
  }

  it("go when the app's next promotion starts", async () => {
    const first = await crash()
    expect(hasButtons(first)).toBe(true)
    const second = await crash()
    await world.slack.until(() => !hasButtons(first))
    expect(hasButtons(second)).toBe(true)
    expect(world.slack.notified().filter(({ ts }) => ts === first)).toHaveLength(1)
  })

  it('go when they were used', async () => {
    await story.ask(story.bo, '/convox apps params set approvals=1 -a shop', /approvals/)
    const notice = notices().at(-1)
    if (notice === undefined) throw new Error('no notice')
    await story.ana.click(notice, 'Request again')
    await story.card(/^Waiting for approval: /)
    await world.slack.until(() => !hasButtons(notice.ts))
    expect(notices().find(({ ts }) => ts === notice.ts)?.text).toBe(notice.text)
  })

  it('go after a day', async () => {
    const asked = await story.card(/^Waiting for approval: /)
    await story.ana.click(asked, 'Cancel request')
    const word = await world.slack.until(() => world.slack.thread(asked).find((message) => message.blocks?.some(({ type }) => type === 'actions')))
    const sql = postgres(world.databaseUrl, { max: 1, onnotice: () => {} })
    // The message is there a moment before it is written down that it is.
    await world.slack.until(async () => (await sql`update conversations c set buttons_until = now() from promotions p where p.id = c.promotion_id and p.status = 'cancelled' and c.buttons_until is not null returning 1`).length > 0)
    await sql.end()
    await world.slack.until(() => world.slack.thread(asked).find(({ ts }) => ts === word.ts)?.blocks?.every(({ type }) => type !== 'actions'))
  })
})

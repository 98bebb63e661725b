import { afterEach, beforeEach, expect, test } from 'vitest'
import { limits, type Sender } from '../../../src/bot/delivery/sender.ts'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { createOutbox, type Outbox } from './support/memory-store.ts'
import { promotionView } from './support/promotion.ts'
import { quick, senderOf, startWorkspace } from './support/workspace.ts'

const id = 'PAAAAAAAAAA'
const channel = 'C1REL'
let slack: SimulatedSlack
let outbox: Outbox
let sender: Sender
/** Posts to people, none of which is answered before `answer`. */
let hanging = 0
let answer: (ts: string) => void = () => undefined

beforeEach(async () => {
  slack = await startWorkspace()
  outbox = createOutbox()
  hanging = 0
  const answered = new Promise<string>((resolve) => void (answer = resolve))
  sender = senderOf(slack, outbox, 'one', quick, {
    calls: (own) => ({
      ...own,
      post: (post) => {
        if (!post.channel.startsWith('D')) return own.post(post)
        hanging += 1
        return answered
      },
    }),
  })
  sender.start()
})
afterEach(async () => {
  answer('1700000000.000100')
  await sender.stop()
  await slack.close()
})

test('a verdict is on the screen while Slack answers none of as many posts as there may be at once, and more of them wait', async () => {
  outbox.begin(promotionView(), channel)
  await slack.until(() => outbox.quiet())
  // More than all there is room for, so that the room kept back would be theirs if they were let in.
  for (let count = 0; count < limits.urgent + limits.batch; count += 1) outbox.begin(promotionView({ id: `PB${count}` }), `D${count}`)
  await slack.until(() => hanging >= limits.all)
  outbox.change(id, { status: 'rolling_back', failedAt: new Date('2026-11-24T14:05:15Z') })
  expect(await slack.until(() => slack.messages(channel).find(({ text }) => text.startsWith('Rolling back')))).toBeDefined()
  expect(hanging).toBe(limits.all)
})

import { describe, expect, it } from 'vitest'
import { ana, bo, clientFor, closeAfterEach, cy, releases, slackFor } from './workspace.ts'

closeAfterEach()

describe('attention', () => {
  it('goes to those who are named or wrote in the thread, never to the author', async () => {
    const slack = await slackFor()
    const parent = slack.as(ana).say(releases, 'who looks at this? not @ana')
    expect(slack.notified()).toEqual([])
    slack.as(bo).say(releases, 'me', { thread: parent.ts })
    expect(slack.notified().map((one) => [one.user, one.why])).toEqual([[ana, 'thread']])
    slack.as(cy).say(releases, 'and @bo', { thread: parent.ts })
    expect(
      slack
        .notified()
        .slice(1)
        .map((one) => [one.user, one.why]),
    ).toEqual([
      [ana, 'thread'],
      [bo, 'mention'],
    ])
  })

  it('goes to the person of a direct message', async () => {
    const slack = await slackFor()
    await clientFor(slack).chat.postMessage({ channel: cy, text: 'for you' })
    expect(slack.notified().map((one) => [one.user, one.why])).toEqual([[cy, 'direct']])
  })
})

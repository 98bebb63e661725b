import { describe, expect, it } from 'vitest'
import { troubledCalls } from '../../../../sandbox/slack/chaos/calls.ts'
import { randomOf } from '../../../../sandbox/slack/chaos/random.ts'
import { callKinds, type CallKind, type CallRule } from '../../../../sandbox/slack/chaos/script.ts'
import { clientFor, closeAfterEach, releases, slackFor } from '../workspace.ts'

closeAfterEach()

const cut = /fetch failed|other side closed|socket/u

/** Whether the message is there afterwards, and what the caller hears. */
const each: Record<CallKind, { readonly stored: boolean; readonly heard: RegExp }> = {
  'answer lost': { stored: true, heard: cut },
  'request lost': { stored: false, heard: cut },
  'answer late': { stored: true, heard: /^answered$/u },
  'HTTP 500': { stored: false, heard: /500/u },
  'HTTP 500 after storing': { stored: true, heard: /500/u },
  'internal_error after storing': { stored: true, heard: /internal_error/u },
  'rate limited': { stored: false, heard: /rate-?limit/iu },
}

describe('a call that goes wrong', () => {
  it.each(callKinds)('does what its kind says: %s', async (kind) => {
    const slack = await slackFor()
    const occurred: string[] = []
    slack.misbehave(troubledCalls([{ kind, method: 'chat.postMessage', nth: 2, most: 5, ms: 1_500 }], randomOf(1), (what) => occurred.push(what)))
    const client = clientFor(slack)
    const post = (text: string): Promise<string> =>
      client.chat.postMessage({ channel: releases, text }).then(
        () => 'answered',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
    expect(await post('first')).toBe('answered')
    expect(await post('second')).toMatch(each[kind].heard)
    expect(await post('third')).toBe('answered')
    expect(slack.messages(releases).map(({ text }) => text)).toEqual(each[kind].stored ? ['first', 'second', 'third'] : ['first', 'third'])
    expect(occurred).toEqual([`${kind}: chat.postMessage ${releases} 2`])
    const [first, second] = slack.requests('chat.postMessage')
    expect(first?.status).toBe(200)
    if (kind === 'rate limited') expect(second?.status).toBe(429)
  })

  it('leaves other methods alone, and stops after so many times', () => {
    const rule: CallRule = { kind: 'HTTP 500', method: 'chat.update', share: 1, most: 2, ms: 0 }
    const decide = troubledCalls([rule], randomOf(1), () => undefined)
    const met = ['chat.update', 'chat.postMessage', 'chat.update', 'chat.update'].map((method) => decide({ method, args: { channel: 'C1' }, caller: '' }))
    expect(met).toEqual([{ status: 500 }, undefined, { status: 500 }, undefined])
  })

  it('counts the calls of each channel by themselves', () => {
    const decide = troubledCalls([{ kind: 'request lost', method: 'chat.postMessage', nth: 2, most: 5, ms: 0 }], randomOf(1), () => undefined)
    const met = ['C1', 'C2', 'C1', 'C2', 'C1'].map((channel) => decide({ method: 'chat.postMessage', args: { channel }, caller: '' }) !== undefined)
    expect(met).toEqual([false, false, true, true, false])
  })
})

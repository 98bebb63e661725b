import { describe, expect, it } from 'vitest'
import { plainOf } from '../../../src/bot/delivery/talk.ts'
import { linesMessage } from '../../../src/bot/delivery/words.ts'
import { announcement } from '../../../src/bot/messages/announcement.ts'
import { told } from './support/every-case.ts'
import { announcements, answers, cards, longList, notices, tellings, type Drawn } from './support/every-message.ts'
import { strings } from './support/seen.ts'
import { byStatus, hostile, huge } from './support/views.ts'

/** Whom our own words may name; everybody else, and every group and channel of the workspace, is outside text that became a mention. */
const ours = /<@U0(?:ANA|BO|CY|DEE)>|<#C0(?:SHOP|OPS|OTHER)>|<!date\^[^>]*>/g
/** What Slack notifies or links for: docs.slack.dev messaging/formatting-message-text. */
const mention = /<[!@#]/

const every = (): readonly Drawn[] => [...cards(), ...notices(), ...announcements(), ...tellings(), ...answers(), longList()]

/** What is left of a text that would mention somebody whom we did not name. */
const foreign = (text: string): boolean => mention.test(text.replaceAll(ours, ''))

describe('no text from outside can mention anybody', () => {
  it('in the text of any message, which is what Slack reads where it takes no blocks', () => {
    expect(every().filter(({ text }) => mention.test(text)).map(({ name, text }) => `${name}: ${text}`)).toEqual([])
  })

  it('in the blocks of any message', () => {
    expect(every().flatMap(({ name, blocks }) => strings(blocks).filter(([, value]) => foreign(value)).map(([path, value]) => `${name} ${path}: ${value}`))).toEqual([])
  })

  it('in what goes as text where Slack refused the blocks', () => {
    const view = huge(byStatus.rolled_back)
    const plain = [...cards(), ...notices(), ...announcements(), ...tellings()].map(({ name, text }) => ({ name, ...plainOf({ text }, { ...view, rack: hostile }) }))
    expect(plain.filter(({ text, blocks }) => foreign(text) || blocks.length > 0).map(({ name, text }) => `${name}: ${text}`)).toEqual([])
  })

  it('in the first line of a thread', () => {
    const { text } = linesMessage([{ kind: 'event', at: '2026-11-24T14:05:11Z', object: hostile, text: hostile, count: 1 }], byStatus.rolling_out, hostile)
    expect(text).not.toMatch(mention)
  })

  it('not even by the name of a field manager, which anybody on the cluster chooses', () => {
    for (const one of Object.values(told)) {
      const { text } = plainOf(announcement(byStatus.succeeded, { ...one, manager: '<!channel>', service: '<!here>' }), byStatus.succeeded)
      expect(text).toContain('‹!channel›')
      expect(text).not.toMatch(mention)
    }
  })
})

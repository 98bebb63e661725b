import { describe, expect, test } from 'vitest'
import { doings, remedyFor, type Circumstances, type Doing, type Remedy } from '../../../src/bot/delivery/remedies.ts'
import { kinds, troubleOfWord, type Trouble } from '../../../src/bot/delivery/slack-error.ts'

const usual: Circumstances = { joined: false, direct: false, final: false, statusBehind: false }
/** What stays behind is tried once, whatever is said to it; only all of Slack is waited for. */
const everything = (remedy: Remedy): Record<Doing, Remedy> => ({
  card: remedy, redraw: remedy, lines: remedy, last_word: remedy, reading: remedy, telling: remedy, buttons: remedy, leaving: remedy.startsWith('wait_for') ? remedy : 'skip',
})
const remedies = (trouble: Trouble, circumstances: Partial<Circumstances> = {}): Record<string, Remedy> =>
  Object.fromEntries(doings.map((doing) => [doing, remedyFor(trouble, doing, { ...usual, ...circumstances })]))

const moves = { ...everything('move'), buttons: 'skip' } as const
const gone = { ...everything('new_card'), buttons: 'skip' } as const
const refused = { card: 'move', redraw: 'skip', lines: 'give_up', last_word: 'give_up', reading: 'give_up', telling: 'give_up', buttons: 'skip', leaving: 'skip' } as const
const unclear = { ...everything('find_out'), redraw: 'try_again', reading: 'try_again', telling: 'try_again', buttons: 'try_again' } as const
const malformed = refused

/** reference/slack.md 4.5, word by word: what we do about each, by what we were doing. */
const table: Readonly<Record<string, Readonly<Record<Doing, Remedy>>>> = {
  not_in_channel: { ...everything('join'), buttons: 'skip' },
  channel_not_found: { ...everything('join'), buttons: 'skip' },
  is_archived: moves,
  restricted_action: moves,
  restricted_action_read_only_channel: moves,
  restricted_action_thread_only_channel: moves,
  restricted_action_non_threadable_channel: moves,
  posting_to_channel_denied: moves,
  posting_to_general_channel_denied: moves,
  cannot_dm_bot: moves,
  messages_tab_disabled: moves,
  restricted_action_thread_locked: { ...refused, lines: 'new_card', last_word: 'new_card' },
  thread_locked: { ...refused, lines: 'new_card', last_word: 'new_card' },
  message_not_found: gone,
  thread_not_found: gone,
  cant_update_message: everything('skip'),
  edit_window_closed: everything('skip'),
  cant_edit: everything('skip'),
  invalid_blocks: malformed,
  invalid_blocks_format: malformed,
  msg_blocks_too_long: malformed,
  block_mismatch: malformed,
  msg_too_long: malformed,
  no_text: malformed,
  cant_broadcast_message: malformed,
  invalid_metadata_format: malformed,
  invalid_metadata_schema: malformed,
  metadata_too_large: malformed,
  internal_error: unclear,
  fatal_error: unclear,
  service_unavailable: unclear,
  request_timeout: unclear,
  update_failed: unclear,
  ratelimited: everything('wait_for_lane'),
  message_limit_exceeded: everything('wait_for_lane'),
  invalid_auth: everything('wait_for_token'),
  not_authed: everything('wait_for_token'),
  token_revoked: everything('wait_for_token'),
  token_expired: everything('wait_for_token'),
  account_inactive: everything('wait_for_token'),
  missing_scope: everything('wait_for_token'),
  not_allowed_token_type: everything('wait_for_token'),
  org_login_required: everything('wait_for_token'),
  access_denied: everything('wait_for_token'),
  a_word_of_next_year: refused,
}

describe('remedyFor (reference/slack.md 4.5)', () => {
  test.each(Object.entries(table))('%s', (word, expected) => {
    expect(remedies(troubleOfWord(word))).toEqual(expected)
  })

  test('every word that means something to us has its row', () => {
    expect(Object.values(kinds).flat().filter((word) => table[word] === undefined)).toEqual([])
  })

  test('what was certainly not sent is tried again', () => {
    expect(remedies({ kind: 'unsent', why: 'ECONNREFUSED' })).toEqual(everything('try_again'))
  })

  test.each([
    ['a channel that could not be joined is left', 'not_in_channel', { joined: true }, { card: 'move', redraw: 'move', lines: 'move' }],
    ['from a direct message there is nowhere to go', 'is_archived', { direct: true }, { card: 'give_up', lines: 'give_up', last_word: 'give_up' }],
    ['a card that even a direct message refuses is given up', 'a_word_of_next_year', { direct: true }, { card: 'give_up' }],
    ['the final state is insisted on', 'a_word_of_next_year', { final: true, statusBehind: true }, { redraw: 'insist' }],
    ['also when Slack does not take it as text either', 'invalid_blocks', { final: true, statusBehind: true }, { redraw: 'insist' }],
    ['a card that may not be edited is followed by a new one when its status changes', 'edit_window_closed', { statusBehind: true }, { redraw: 'new_card', buttons: 'skip' }],
  ] as const)('%s', (_name, word, circumstances, expected) => {
    expect(remedies(troubleOfWord(word), circumstances)).toMatchObject(expected)
  })
})

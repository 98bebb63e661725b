import { describe, expect, it } from 'vitest'
import { dispatch } from '../../src/bot/dispatch.ts'
import type { Incoming } from '../../src/bot/context.ts'
import { readQuestion } from '../../src/bot/retype.ts'
import { buttonsOf, deskFor, rackThat } from './desk.ts'
import { byStatus, P } from './messages/support/views.ts'

const rack = () => rackThat({
  promotionInfo: () => Promise.resolve(byStatus.awaiting_approval), mayDecide: () => Promise.resolve(byStatus.awaiting_approval),
  readEnv: () => Promise.resolve({ release: 'RA', env: [] }),
})
const click = (action: string, value: string): Incoming => ({ kind: 'click', action, value, on: 'message' })
const cases = [
  ['Reject', click('reject', `${P}:3`), { action: 'reject', label: 'Reject', value: P }, 'Click again.'],
  ['Edit environment', click('edit_env', 'shop'), { action: 'edit_env', label: 'Edit environment', value: 'shop' }, 'Click again, or type /convox env edit -a shop'],
  ['Edit environment of the channel\'s app', click('edit_env', '-'), { action: 'edit_env', label: 'Edit environment', value: 'shop' }, 'Click again, or type /convox env edit -a shop'],
] as const

describe('a click whose trigger is dead', () => {
  it.each(cases)('%s: gives the button again, and the command where there is one', async (_what, incoming, button, next) => {
    const late = deskFor({ racks: [rack()], trigger: false })
    await dispatch(late.desk, incoming)
    expect(late.answers.map(({ text }) => text)).toEqual([`Slack opens a window only right after a click or a slash command. ${next}`])
    expect(late.answers.flatMap(buttonsOf)).toEqual([button])
    const again = deskFor({ racks: [rack()] })
    await dispatch(again.desk, { kind: 'click', action: button.action, value: button.value, on: 'ephemeral' })
    expect(again.modals).toHaveLength(2)
    expect(again.answers).toEqual([])
  })

  it('gives a kept command again as it was kept', async () => {
    const late = deskFor({ racks: [rack()], trigger: false })
    await dispatch(late.desk, { kind: 'mention', text: 'env edit --release RA -a shop' })
    const [first] = late.answers.flatMap(buttonsOf)
    await dispatch(late.desk, click('run_1', first?.value ?? ''))
    expect(late.answers[1]?.text).toBe(late.answers[0]?.text)
    const [second, ...others] = late.answers.slice(1).flatMap(buttonsOf)
    expect([second?.label, others]).toEqual(['env edit', []])
    expect(readQuestion(late.questions.get(second?.value ?? '') ?? '').map(({ text }) => text)).toEqual(['env', 'edit', '--release', 'RA', '-a', 'shop'])
  })

  it('says the rack on the button and in the command where there are several', async () => {
    const unknown = rackThat({ appInfo: () => Promise.reject(new Error('not asked')) })
    const late = deskFor({ racks: [{ ...unknown, rack: 'prod' }, { ...rack(), rack: 'staging' }], trigger: false })
    await dispatch(late.desk, click('edit_env', '@staging/shop'))
    expect(late.answers[0]?.text).toContain('or type /convox env edit -a shop -r staging')
    expect(late.answers.flatMap(buttonsOf)).toEqual([{ action: 'edit_env', label: 'Edit environment', value: '@staging/shop' }])
  })
})

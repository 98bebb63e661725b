import { describe, expect, it } from 'vitest'
import { dispatch } from '../../src/bot/dispatch.ts'
import type { Incoming } from '../../src/bot/context.ts'
import type { PromotionDiff } from '../../src/rack/promotion-diff.ts'
import { refuse } from '../../src/rack/refusal.ts'
import { buttonsOf, deskFor, rackThat } from './desk.ts'
import { diffOf, hugeDiff } from './messages/support/diffs.ts'
import { drawn, must } from './messages/support/seen.ts'
import { byStatus, P } from './messages/support/views.ts'

const click = (action: string, on: 'message' | 'modal'): Incoming => ({ kind: 'click', action, value: `${P}:3`, on })

const deskShowing = (diff: () => Promise<PromotionDiff>, options: { readonly trigger?: boolean } = {}) =>
  deskFor({ racks: [rackThat({ promotionInfo: () => Promise.resolve(byStatus.awaiting_approval), promotionDiff: diff })], ...options })

describe('Show diff', () => {
  it('opens a modal while the trigger lives and fills it once the facts are read', async () => {
    const shown = deskShowing(() => Promise.resolve(diffOf(byStatus.awaiting_approval)))
    await dispatch(shown.desk, click('show_diff', 'message'))
    expect(shown.modals.map((view) => view.title.text)).toEqual(['One moment', 'What would change'])
    expect(shown.files).toEqual([])
    expect(shown.answers).toEqual([])
  })

  it('sends the file before it says that it is there', async () => {
    const shown = deskShowing(() => Promise.resolve(hugeDiff(byStatus.awaiting_approval, 60)))
    await dispatch(shown.desk, click('show_diff', 'message'))
    expect(shown.files).toEqual(['RMKPLXWQVTA-against-RHBTZQNCEDS.diff.txt'])
    expect(drawn(shown.modals.at(-1)?.blocks ?? [])).toContain('All of it is a file in your direct messages.')
  })

  it('sends the whole of it when asked to in the modal, and opens no second one', async () => {
    const shown = deskShowing(() => Promise.resolve(diffOf(byStatus.awaiting_approval)))
    await dispatch(shown.desk, click('send_diff', 'modal'))
    expect(shown.files).toEqual(['RMKPLXWQVTA-against-RHBTZQNCEDS.diff.txt'])
    expect(shown.answers.map(({ text }) => text)).toEqual(['What RMKPLXWQVTA would change is a file in your direct messages.'])
    expect(shown.modals).toEqual([])
  })

  it('says a refusal in the modal that is open', async () => {
    const shown = deskShowing(() => Promise.resolve().then(() => refuse({ code: 'forbidden', role: 'viewer', needs: 'deployer', what: 'reading a promotion', who: [] })))
    await dispatch(shown.desk, click('show_diff', 'message'))
    expect(shown.modals).toHaveLength(2)
    expect(shown.answers).toEqual([])
    expect(drawn(shown.modals.at(-1)?.blocks ?? [])).toContain('ref 7f3a')
  })

  it('says so when the trigger is dead, with the command that says the same and a button whose click opens it', async () => {
    const shown = deskShowing(() => Promise.resolve(diffOf(byStatus.awaiting_approval)), { trigger: false })
    await dispatch(shown.desk, click('show_diff', 'message'))
    expect(shown.answers.map(({ text }) => text)).toEqual([
      `Slack opens a window only right after a click or a slash command. Click again, or type /convox promotions info ${P} -a shop`,
    ])
    const [button, ...others] = buttonsOf(must(shown.answers[0], 'an answer'))
    expect(others).toEqual([])
    expect(button).toEqual({ action: 'show_diff', label: 'Show diff', value: P })
    const again = deskShowing(() => Promise.resolve(diffOf(byStatus.awaiting_approval)))
    await dispatch(again.desk, { kind: 'click', action: must(button, 'a button').action, value: must(button, 'a button').value, on: 'ephemeral' })
    expect(again.modals.map((view) => view.title.text)).toEqual(['One moment', 'What would change'])
  })
})

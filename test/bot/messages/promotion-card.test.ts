import { describe, expect, it } from 'vitest'
import { promotionCard } from '../../../src/bot/messages/promotion-card.ts'
import { drawn, must } from './support/seen.ts'
import { at, byStatus, progress, situations } from './support/views.ts'

/** Header and text of every state, to the letter: cards.md 2.1. */
const firstWords = [
  ['awaiting_approval', '⏳ Waiting for approval: shop RMKPLXWQVTA', 'Waiting for approval: ana asks to promote RMKPLXWQVTA to shop (0 of 1, expires 15:02 UTC).'],
  ['queued', '🕓 Queued: shop RMKPLXWQVTA', 'Queued: RMKPLXWQVTA for shop waits for RLCQYWZTKFE, position 1 of 2.'],
  ['rolling_out', '🚀 Rolling out: shop RMKPLXWQVTA', 'Rolling out: RMKPLXWQVTA on shop, 1 of 2 services ready.'],
  ['rolling_back', '⏪ Rolling back: shop to RHBTZQNCEDS', 'Rolling back: shop to RHBTZQNCEDS; RMKPLXWQVTA failed: web crashed at start (exit 1).'],
  ['succeeded', '✅ Succeeded: shop runs RMKPLXWQVTA', 'Succeeded: RMKPLXWQVTA is active on shop after 52 s.'],
  ['rejected', '🚫 Rejected: shop RMKPLXWQVTA', 'Rejected: bo rejected RMKPLXWQVTA for shop. RHBTZQNCEDS stays active.'],
  ['expired', '⌛ Expired: shop RMKPLXWQVTA', 'Expired: RMKPLXWQVTA for shop had 0 of 1 approvals at 15:02 UTC. RHBTZQNCEDS stays active.'],
  ['cancelled', '⏹️ Cancelled: shop RMKPLXWQVTA', 'Cancelled: ana cancelled RMKPLXWQVTA for shop before it started. RHBTZQNCEDS stays active.'],
  ['failed', '❌ Failed: shop RMKPLXWQVTA', 'Failed: RMKPLXWQVTA on shop: refused by the cluster. Not rolled out, RHBTZQNCEDS is running.'],
  ['superseded', '🔀 Superseded: shop RMKPLXWQVTA', 'Superseded: RMKPLXWQVTA on shop was stopped, kubectl-edit changed web. Nothing was rolled back.'],
  ['rolled_back', '↩️ Rolled back: shop to RHBTZQNCEDS', 'Rolled back: shop runs RHBTZQNCEDS again; RMKPLXWQVTA failed: web crashed at start (exit 1).'],
  ['rollback_failed', '🛑 Rollback FAILED: shop needs a person', 'Rollback FAILED: shop is not back on RHBTZQNCEDS: web image not found. A person has to act.'],
] as const

const card = (view: Parameters<typeof promotionCard>[0]): string => drawn(promotionCard(view).blocks)

describe('the card', () => {
  it.each(firstWords)('begins in state %s as cards.md 2.1 says', (status, header, text) => {
    const message = promotionCard(byStatus[status])
    expect(drawn(message.blocks).split('\n')[0]).toBe(`[header ] ${header}`)
    expect(message.text).toBe(text)
  })

  it('shows everything to decide on before anything moves (cards.md 2.2)', () => {
    expect(card(byStatus.awaiting_approval)).toBe([
      '[header ] ⏳ Waiting for approval: shop RMKPLXWQVTA',
      '[fields ] *Release* `RMKPLXWQVTA` env add:FOO | *From* `RHBTZQNCEDS`, active | *Requested by* @ana, today 14:02 | *Approvals* 0 of 1: @bo or @cy | *Expires* today 15:02 | *Deadline* 10 min, then it rolls back by itself',
      'image: `web`, `worker` `shop:1.4.1` → `shop:1.4.2` (`sha256:b71aa04c55d1`) 0a1b2c3d4e my commit message',
      'env: added `FOO` · changed `DATABASE_URL` · removed none (values are never shown)',
      'manifest: `web` scale 2 → 3 · `worker` no change',
      '[actions] (Approve) (Reject) (Show diff) [⋯ Cancel request · Promotion info]',
      '[context] If it fails: back to `RHBTZQNCEDS` · Last promotion: succeeded, today 12:10 · id 7f3a',
    ].join('\n'))
  })

  it('shows steps, services and the deadline while it moves (cards.md 2.3)', () => {
    expect(card(byStatus.rolling_out)).toBe([
      '[header ] 🚀 Rolling out: shop RMKPLXWQVTA',
      '[fields ] *Release* `RMKPLXWQVTA` (from `RHBTZQNCEDS`) | *Requested by* @ana | *Approved by* @bo, today 14:05 | *Started* 14:05:11',
      '✓ applied · ● services 1 of 2 · ○ stable 30 s',
      '● `web` 1 of 2 ready, 1 old still running `█████░░░░░`',
      '✓ `worker` 1 of 1 ready `██████████`',
      '[actions] (Cancel and roll back) (Show diff)',
      '[context] Last change 14:05:21 · rolls back to `RHBTZQNCEDS` by itself at 14:15:11 · id 7f3a',
    ].join('\n'))
  })

  it('says why and where to while it rolls back, without a button (cards.md 2.3)', () => {
    expect(card(byStatus.rolling_back)).toBe([
      '[header ] ⏪ Rolling back: shop to RHBTZQNCEDS',
      '[fields ] *Failed* `RMKPLXWQVTA`, 14:05:15 | *Going back to* `RHBTZQNCEDS`, last verified good | *Requested by* @ana | *Approved by* @bo, today 14:05',
      '`web` exits right after it starts: exit 1, 1 restart, on 2 of 2 new processes.',
      '✓ evidence kept · ✓ `RHBTZQNCEDS` applied · ● services 1 of 2 back · ○ verified',
      '● `web` 1 of 2 back on `RHBTZQNCEDS` `█████░░░░░`',
      '✓ `worker` 1 of 1 back on `RHBTZQNCEDS` `██████████`',
      '[context] Last change 14:05:21 · gives up at 14:15:16, a rollback cannot be cancelled · id 7f3a',
    ].join('\n'))
  })

  it('says what failed, what runs now and what to type at the end (cards.md 2.4)', () => {
    expect(card(byStatus.rolled_back)).toBe([
      '[header ] ↩️ Rolled back: shop to RHBTZQNCEDS',
      '[fields ] *Release* `RMKPLXWQVTA` env add:FOO | *Back on* `RHBTZQNCEDS` | *Requested by* @ana, today 14:02 | *Approved by* @bo, today 14:05',
      '*Why* `web` exits right after it starts: exit 1, 1 restart, on 2 of 2 new processes.',
      '*What to do* Read the last lines in the thread: often a missing env key or something it cannot reach.',
      '*Running now* `RHBTZQNCEDS`: `web` 2 of 2, `worker` 1 of 1 ready, verified 14:05:24',
      '[context] failed after 4 s, back 9 s later · Again: `/convox releases promote RMKPLXWQVTA -a shop`',
    ].join('\n'))
  })

  it.each([
    ['succeeded', byStatus.succeeded, '[context] 52 s · Go back: `/convox releases rollback RHBTZQNCEDS -a shop`'],
    ['rejected', byStatus.rejected, 'Rejected by @bo, today 14:06: "wait for the migration"'],
    ['rejected, context', byStatus.rejected, '[context] `RHBTZQNCEDS` stays active · Again: `/convox releases promote RMKPLXWQVTA -a shop`'],
    ['expired', byStatus.expired, 'Expired today 15:02 with 0 of 1 approvals'],
    ['cancelled', byStatus.cancelled, 'Cancelled by @ana, today 14:03'],
    ['left the queue', situations['left the queue'], 'Left the queue: @ana, today 14:11'],
    ['failed', byStatus.failed, '*Running now* `RHBTZQNCEDS`, nothing changed'],
    ['failed, context', byStatus.failed, '[context] failed after 4 s · Again: `/convox releases promote RMKPLXWQVTA -a shop`'],
    ['no longer possible', situations['no longer possible'], '*Why* Could not start: `required env: A`.'],
    ['release command failed', situations['release command failed'], '*Running now* `RHBTZQNCEDS`, no service was touched; what the command did stays'],
    ['first release', situations['first release failed'], '*Running now* nothing; `web`, `worker` scaled to 0 and kept for inspection'],
    ['superseded', byStatus.superseded, '*Running now* `worker` on `RMKPLXWQVTA`, `web` as `kubectl-edit` left it'],
    ['superseded, context', byStatus.superseded, '[context] Nothing was rolled back · Again: `/convox releases promote RMKPLXWQVTA -a shop`'],
    ['cancelled on its way', situations['cancelled while rolling out'], '*Why* @cy cancelled it at 14:06:30.'],
    ['cancelled on its way, context', situations['cancelled while rolling out'], '[context] stopped after 4 s, back 9 s later · Again: `/convox releases promote RMKPLXWQVTA -a shop`'],
    ['rollback failed', byStatus.rollback_failed, '*Running now* `web` `RMKPLXWQVTA` 0 of 2 ready · `worker` `RHBTZQNCEDS` 1 of 1 ready'],
    ['rollback failed, why', byStatus.rollback_failed, '*Why that failed* The registry has no image `shop:1.4.1@sha256:9f3c1a7be042` for `web`.'],
    ['rollback failed, context', byStatus.rollback_failed, '[context] Try again: `/convox releases rollback RHBTZQNCEDS -a shop`'],
    ['a rollback, cancelled', { ...situations.rollback, status: 'cancelled' }, '[context] `RHBTZQNCEDS` stays active · Again: `/convox releases rollback RHBTZQNCEDS -a shop`'],
    ['a rollback, rolled back', { ...byStatus.rolled_back, kind: 'rollback', release: situations.rollback.release }, '[context] failed after 4 s, back 9 s later · Again: `/convox releases rollback RHBTZQNCEDS -a shop`'],
    ['a copy that was promoted', { ...byStatus.rejected, release: situations.rollback.release }, '[context] `RHBTZQNCEDS` stays active · Again: `/convox releases promote RMKPLXWQVTA -a shop`'],
    ['leftover', situations['leftover not removed'], '⚠️ Warning: could not remove Deployment `cron`: 403.'],
    ['several racks', situations['several racks'], '[header ] ↩️ Rolled back: shop on prod to RHBTZQNCEDS'],
  ] as const)('says at the end of a promotion: %s (cards.md 2.4)', (_, view, line) => {
    expect(card(view).split('\n')).toContain(line)
  })

  it.each([
    ['queued', byStatus.queued, '○ Waits for `RLCQYWZTKFE` of @cy, position 1 of 2'],
    ['applying', situations.applying, '● applying, 3 of 7 objects · ○ services · ○ stable 30 s'],
    ['stable', situations.stable, '✓ applied · ✓ services 2 of 2 · ● stable until 14:06:03'],
    ['removing', situations.removing, '✓ applied · ✓ services 2 of 2 · ✓ stable 30 s · ● removing 1 object that this release lacks'],
    ['release command', situations['release command'], '● release command since 14:05:11 · ○ applied · ○ services · ○ stable 30 s'],
    ['release command, context', situations['release command'], '[context] Last change 14:05:21 · no service has changed yet, it may run until 14:15:11 · id 7f3a'],
    ['after the release command', situations['release command done'], '✓ release command · ● applying, 3 of 7 objects · ○ services · ○ stable 30 s'],
    ['forced', situations.forced, '○ Waits until `RLCQYWZTKFE` is rolled back'],
    ['blind', situations.blind, '⚠️ Warning: the cluster has not answered since 14:06:40. Nothing is judged, the deadline waits.'],
    ['continued', situations.continued, '[context] Last change 14:05:21 · rolls back to `RHBTZQNCEDS` by itself at 14:15:11 · id 7f3a · Continues an earlier message'],
    ['pinned', situations.warned, '⚠️ Warning: tag not pinned: `web` runs what `shop:1.4.2` is then'],
    ['older', situations.warned, '⚠️ Warning: `RMKPLXWQVTA` is older than the active `RHBTZQNCEDS`'],
    ['last rollback failed', situations.warned, '⚠️ Warning: the last rollback failed, services may run different releases'],
    ['cleared', situations['approvals cleared'], '⚠️ Warning: approvals were cleared at 14:20:00: the active release is now `RLCQYWZTKFE`'],
    ['first', situations['first request'], '[context] If it fails: scaled to 0, kept · id 7f3a'],
  ] as const)('says on its way: %s (cards.md 2.2, 2.3)', (_, view, line) => {
    expect(card(view).split('\n')).toContain(line)
  })

  it.each([
    ['no approval needed', '*Approvals* none needed: `approvals=0`'],
    ['verified good before', '*Approvals* none needed: verified good before'],
    ['one of two votes', '*Approvals* 1 of 2: @bo'],
    ['approvers by role', '*Approvals* 0 of 1: by somebody else than @ana'],
  ] as const)('counts approvals: %s (cards.md 2.2)', (name, field) => {
    expect(card(situations[name])).toContain(field)
  })

  it('says of a first release that nothing is running (cards.md 2.4)', () => {
    expect(promotionCard(situations['first release failed']).text).toBe('Failed: first release RMKPLXWQVTA of shop: web crashed at start (exit 1). Nothing is running.')
    expect(promotionCard(situations['first release cancelled']).text).toBe('Failed: first release RMKPLXWQVTA of shop: cancelled by cy. Nothing is running.')
    expect(promotionCard(situations['cancelled while rolling out']).text).toBe('Rolled back: shop runs RHBTZQNCEDS again; cy cancelled RMKPLXWQVTA.')
  })

  it('gives seven services and more five lines and a count (cards.md 2.3)', () => {
    const services = Array.from({ length: 12 }, (_, index) => ({ service: `s${index}`, state: 'ready' as const, ready: 1, desired: 1, oldRunning: 0, oldStopping: 0 }))
    const lines = card({ ...byStatus.rolling_out, progress: progress({ services }) }).split('\n')
    expect(lines.filter((line) => line.startsWith('✓ `s'))).toHaveLength(5)
    expect(lines).toContain('✓ 7 more ready')
  })

  it('asks before a running rollout is cancelled (cards.md 2.5, dialog 2)', () => {
    const confirm = (view: Parameters<typeof promotionCard>[0]) => {
      const block = must(promotionCard(view).blocks.find(({ type }) => type === 'actions'), 'actions')
      return block.type === 'actions' && block.elements[0]?.type === 'button' ? must(block.elements[0].confirm, 'confirm') : null
    }
    expect(confirm(byStatus.rolling_out)).toMatchObject({
      title: { text: 'Cancel and roll back?' },
      text: { text: 'shop stops rolling out RMKPLXWQVTA and goes back to RHBTZQNCEDS. What a release command did stays.' },
      confirm: { text: 'Cancel and roll back' }, deny: { text: 'Keep rolling out' },
    })
    expect(confirm({ ...byStatus.rolling_out, from: null, target: null })).toMatchObject({
      text: { text: 'This is the first release of shop: there is nothing to go back to, its processes are scaled to 0.' },
    })
  })

  it('shows the time of an expiry that is missing as nothing, not as a wrong date', () => {
    expect(promotionCard({ ...byStatus.awaiting_approval, expiresAt: null }).text).toBe('Waiting for approval: ana asks to promote RMKPLXWQVTA to shop (0 of 1).')
    expect(card({ ...byStatus.awaiting_approval, expiresAt: at('16:00') })).toContain('*Expires* today 16:00')
  })
})

describe('a card that stays behind', () => {
  it.each([[null, 'Goes on in a newer message'], ['C0OPS', 'Goes on in <#C0OPS>'], ['D0ANA', `Goes on in a direct message to <@${byStatus.rolling_out.requester}>`]])('has no button in any state, and its last words say where it goes on: %s', (goesOn, words) => {
    for (const view of Object.values(byStatus)) {
      const { text, blocks } = promotionCard(view, { goesOn })
      expect(text).toBe(promotionCard(view).text)
      expect(blocks.map(({ type }) => type)).not.toContain('actions')
      expect(JSON.stringify(blocks.at(-1))).toContain(` · ${words}"`)
    }
  })
})

describe('what would change, on a card', () => {
  const changed = (manifest: readonly { readonly text: string; readonly important: boolean; readonly unchanged?: string }[]): string =>
    card({ ...byStatus.awaiting_approval, change: { ...byStatus.awaiting_approval.change, manifest } })
  const still = (count: number) => Array.from({ length: count }, (_, index) => ({ text: `s${index} no change`, important: false, unchanged: `s${index}` }))

  it('names what must not be overlooked before the rest, many services without change together, and of a long image its end', () => {
    expect(changed([{ text: 'web command a → b', important: false }, { text: 'web scale 2 → 3', important: true }, ...still(2)])).toContain([
      'manifest: `web` scale 2 → 3', 'manifest: `web` command a → b', 'manifest: `s0` no change', 'and 1 more: Show diff',
    ].join('\n'))
    expect(changed([{ text: 'web scale 2 → 3', important: true }, ...still(11)])).toContain('manifest: `web` scale 2 → 3 · no change in `s0`, `s1`, `s2`, `s3`, `s4`, `s5`, `s6`, `s7`, `s8`, `s9`, `s10`')
    const image = { services: ['web'], from: `registry.example.com/${'deep/'.repeat(30)}shop:1.4.1`, to: `registry.example.com/${'deep/'.repeat(30)}shop:1.4.2` }
    expect(card({ ...byStatus.awaiting_approval, change: { ...byStatus.awaiting_approval.change, images: [image] } })).toMatch(/image: `web` `…(eep|ep|p|)\/(deep\/)+shop:1\.4\.1` → `…(eep|ep|p|)\/(deep\/)+shop:1\.4\.2`/)
    expect(changed(still(30))).toMatch(/manifest: no change in `s0`, .* and \d+ more\n/)
  })

  it('hides no change whose words end like those of a service without one', () => {
    const shown = changed([...still(3), { text: 'web command a → echo no change', important: false }])
    expect(shown).toContain('manifest: `web` command a → echo no change · no change in `s0`, `s1`, `s2`')
  })
})

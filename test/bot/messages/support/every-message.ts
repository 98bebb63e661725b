import type { KnownBlock } from '@slack/types'
import { announcement } from '../../../../src/bot/messages/announcement.ts'
import { helpOf, helpOverview } from '../../../../src/bot/messages/help.ts'
import { diffSent, diffView } from '../../../../src/bot/messages/diff-view.ts'
import { menuMessage, whichAppMessage } from '../../../../src/bot/messages/menu.ts'
import { createReleaseView, envView, importManifestView, loadingView, rejectView } from '../../../../src/bot/messages/modals.ts'
import { notice } from '../../../../src/bot/messages/notice.ts'
import { promotionCard } from '../../../../src/bot/messages/promotion-card.ts'
import { promotionFactsAnswer, promotionInfoAnswer } from '../../../../src/bot/messages/promotion-answers.ts'
import { refusalMessage } from '../../../../src/bot/messages/refusals.ts'
import { releasesAnswer } from '../../../../src/bot/messages/release-answers.ts'
import { usageMessage } from '../../../../src/bot/messages/usage.ts'
import { promoteAnswer } from '../../../../src/bot/messages/change-answers.ts'
import type { CommandDoc } from '../../../../src/bot/command-doc.ts'
import { diffOf, hugeDiff } from './diffs.ts'
import { refusals, usageErrors } from './every-refusal.ts'
import { at, everyView, hostile, names } from './views.ts'

export interface Drawn { readonly name: string; readonly text: string; readonly blocks: readonly KnownBlock[] }

export const cards = (): readonly Drawn[] => everyView().map(([name, view]) => ({ name: `card, ${name}`, ...promotionCard(view) }))

export const announcements = (): readonly Drawn[] => everyView().flatMap(([name, view]) => [undefined, hostile].map((manager) =>
  ({ name: `announcement, ${name}`, ...announcement(view, { kind: 'drift', at: view.requestedAt.toISOString(), service: manager ?? 'web', what: 'changed', ...(manager === undefined ? {} : { manager }) }) })))

export const notices = (): readonly Drawn[] => everyView().flatMap(([name, view]) => {
  const message = notice(view)
  return message === null ? [] : [{ name: `notice, ${name}`, text: message.text, blocks: message.blocks }]
})

const doc: CommandDoc = {
  name: 'releases promote', summary: 'Promotes a release.', args: [{ name: 'id', what: 'The release; the newest without it.', required: false }],
  flags: [{ name: 'deadline', kind: 'duration', value: 'duration', what: 'How long it may take.' }], role: 'deployer', example: 'releases promote RA -a shop',
}

/** 20 rows of the longest that may be, for an app of 40 characters. */
export const longList = (): Drawn => {
  const app = 'shop-'.repeat(8)
  const rows = Array.from({ length: 20 }, (_, index) => ({ id: `RABCDEFGHI${'ABCDEFGHIJKLMNOPQRST'[index]}`, status: 'promoting' as const, build: 'BXKQWMNVDTR', created: at('14:02'), description: hostile.repeat(9) }))
  return { name: 'releases', ...releasesAnswer({ rows, total: 1_000, more: true, above: 20, after: 'RBCDEFGHIJ', before: 'RCDEFGHIJK', active: null }, { list: 'releases', rack: 'production', app, page: { limit: 20 } }) }
}

export const answers = (): readonly Drawn[] => [
  ...Object.values(refusals).map((refusal) => ({ name: `refusal, ${refusal.code}`, ...refusalMessage(refusal, { ref: '7f3a', names }) })),
  ...Object.values(usageErrors).map((problem) => ({ name: `usage, ${problem.code}`, ...usageMessage(problem, { ref: '7f3a', offers: [{ label: 'releases', question: 'q1' }] }) })),
  { name: 'help', ...helpOverview([doc]) },
  { name: 'help promote', ...helpOf(doc) },
  { name: 'menu', ...menuMessage('deployer', { app: 'shop', moving: { promotion: 'PA', release: 'RA' }, waiting: 2 }, [{ label: 'Releases', question: 'q' }, { label: 'Help', question: 'q' }]) },
  { name: 'which app', ...whichAppMessage(['shop', 'mail']) },
  ...everyView().flatMap(([name, view]) => [
    { name: `promotions info, ${name}`, ...promotionInfoAnswer(view) },
    { name: `promotions info --facts, ${name}`, ...promotionFactsAnswer({ promotion: view.id, app: view.app, text: view.startedAt === null ? null : '{}\n' }) },
    { name: `diff sent, ${name}`, ...diffSent(diffOf(view)) },
    { name: `promote, ${name}`, ...promoteAnswer({ view, channel: 'C0SHOP' }) },
  ]),
]

export const modals = () => [
  ...everyView().flatMap(([name, view]) => [[`reject, ${name}`, rejectView(view)] as const, [`diff, ${name}`, diffView(diffOf(view)).view] as const, [`huge diff, ${name}`, diffView(hugeDiff(view, 20)).view] as const]),
  ['env', envView({ app: 'shop', release: 'RA', keys: Array.from({ length: 300 }, (_, index) => `KEY_${index}`) })] as const,
  ['create', createReleaseView('shop', [{ id: 'RA', status: 'active', build: 'BA', created: at('14:02'), description: hostile.repeat(5) }])] as const,
  ['import', importManifestView('shop', { image: 'shop:1' })] as const,
  ['loading', loadingView('shop-'.repeat(8))] as const,
].flatMap(([name, view]) => (view === null ? [] : [{ name, view }]))

import type { KnownBlock, ModalView } from '@slack/types'
import { section, type Answer } from '../../../../src/bot/blocks.ts'
import { announcement } from '../../../../src/bot/messages/announcement.ts'
import { appAnnouncement } from '../../../../src/bot/messages/app-announcement.ts'
import { appCreatedAnswer, appDeletedAnswer, appInfoAnswer, appsAnswer, paramsAnswer } from '../../../../src/bot/messages/app-answers.ts'
import { auditAnswer, auditExportAnswer } from '../../../../src/bot/messages/audit-answers.ts'
import { buildInfoAnswer, buildsAnswer } from '../../../../src/bot/messages/build-answers.ts'
import { createdFromAnswer, deployAnswer, envChangedAnswer, importedAnswer, promoteAnswer } from '../../../../src/bot/messages/change-answers.ts'
import { cardLinkMessage, decidedMessage, decisions } from '../../../../src/bot/messages/decided.ts'
import { deleteAppView } from '../../../../src/bot/messages/delete-app-view.ts'
import { diffSent, diffView } from '../../../../src/bot/messages/diff-view.ts'
import { envAnswer, envValueAnswer } from '../../../../src/bot/messages/env-answers.ts'
import { freezeAddedAnswer, freezeRemovedAnswer, freezesAnswer, lockAnswer, unlockedAnswer } from '../../../../src/bot/messages/gate-answers.ts'
import { helpOf, helpOverview } from '../../../../src/bot/messages/help.ts'
import { menuCommands, menuMessage, whichAppMessage, type MenuFacts } from '../../../../src/bot/messages/menu.ts'
import { createReleaseView, envView, importManifestView, loadingView, rejectView, toldView } from '../../../../src/bot/messages/modals.ts'
import { notice } from '../../../../src/bot/messages/notice.ts'
import { code, plain, say } from '../../../../src/bot/messages/phrase.ts'
import { processesAnswer, processInfoAnswer } from '../../../../src/bot/messages/process-answers.ts'
import { appOf } from '../../../../src/bot/messages/promotion-facts.ts'
import { promotionCard } from '../../../../src/bot/messages/promotion-card.ts'
import { promotionFactsAnswer, promotionInfoAnswer, promotionsAnswer } from '../../../../src/bot/messages/promotion-answers.ts'
import { refusalMessage } from '../../../../src/bot/messages/refusals.ts'
import { manifestAnswer, releaseInfoAnswer, releasesAnswer, releasesTextAnswer } from '../../../../src/bot/messages/release-answers.ts'
import { offerDialog } from '../../../../src/bot/messages/reply.ts'
import { redacted, tellingText, unannounced } from '../../../../src/bot/messages/undelivered.ts'
import { usageMessage } from '../../../../src/bot/messages/usage.ts'
import { commands } from '../../../../src/bot/registry.ts'
import type { ListAsk } from '../../../../src/bot/page-value.ts'
import { roles } from '../../../../src/rack/actor.ts'
import type { Telling } from '../../../../src/rack/delivery-store.ts'
import type { AppAnnouncement } from '../../../../src/rack/app-announcement.ts'
import type { FreezeRow } from '../../../../src/rack/operations.ts'
import type { Warning } from '../../../../src/rack/progress.ts'
import { appTold, told, warnings } from './every-case.ts'
import { diffOf, hugeDiff, smallDiff } from './diffs.ts'
import { refusals, usageErrors } from './every-refusal.ts'
import { views } from './every-situation.ts'
import { generatedViews } from './generated.ts'
import { nasty } from './nasty.ts'
import { teamLists } from './team-lists.ts'
import { ana, at, byStatus, crash, cy, everyView, hostile, huge, names, P, R, RP } from './views.ts'

export interface Drawn { readonly name: string; readonly text: string; readonly blocks: readonly KnownBlock[] }
/** A message that nobody asked for. `about`: how it names what it is about; null where it may name nothing. */
export interface Unasked extends Drawn { readonly about: string | null }

/** Made once: the checks look at the same messages over and over. */
const once = <Value>(make: () => Value): (() => Value) => {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}

export const cards = once((): readonly Drawn[] => [
  ...views().map(([name, view]) => ({ name: `card, ${name}`, ...promotionCard(view) })),
  ...everyView().map(([name, view]) => ({ name: `card, late, ${name}`, ...promotionCard(view, { behindSeconds: 75 }) })),
  ...everyView().flatMap(([name, view]) => [null, 'C0OTHER', 'D0DIRECT'].map((goesOn) => ({ name: `card, left, ${name}`, ...promotionCard(view, { goesOn }) }))),
])

const aboutOf = (told: AppAnnouncement, { app, severalRacks }: { readonly app: string; readonly severalRacks: boolean }): string =>
  ('everyApp' in told && told.everyApp ? `every app${severalRacks ? ' on prod' : ''}` : appOf({ app, severalRacks, rack: 'prod' }))

export const announcements = once((): readonly Unasked[] => views().flatMap(([name, view]) => Object.values(told).flatMap((one) => [
  { name: `announcement, ${name}`, about: appOf(view), ...announcement(view, one) },
  { name: `announcement, huge, ${name}`, about: appOf(view), ...announcement(view, { ...one, service: hostile, manager: hostile }) },
])).concat(nasty.flatMap((text) => Object.values<AppAnnouncement>(appTold(text)).flatMap((one) => [{ app: 'shop', severalRacks: false }, { app: 'shop-'.repeat(8), severalRacks: true }].map((about) =>
  ({ name: `announcement, ${one.kind}, ${text === 'plain words' ? 'plain' : 'huge'}`, about: aboutOf(one, about), ...appAnnouncement(one, { ...about, rack: 'prod' }, { ...names, [cy]: text }) }))))))

export const notices = once((): readonly Drawn[] => views().flatMap(([name, view]) => {
  const message = notice(view)
  return message === null ? [] : [{ name: `notice, ${name}`, text: message.text, blocks: message.blocks }]
}))

/** What who asked hears of a place that takes nothing: for each thing that could not be said there, with the reasons Slack gives. */
export const tellings = once((): readonly Unasked[] => [...[byStatus.rolled_back, huge(byStatus.rolled_back)].flatMap((view) =>
  (['moved', 'unsaid_card', 'unsaid_lines', 'unsaid_change', 'unsaid_end'] as const satisfies readonly Telling['what'][]).flatMap((what) => ['not_in_channel', 'is_archived', 'restricted_action', 'no_such_word', hostile].flatMap((why) =>
    [undefined, 'C0OTHER', 'D0DIRECT'].map((to) => {
      const heard = what === 'unsaid_change' && to === undefined ? { announcement: { ...told.drift, service: view.app === 'shop' ? 'web' : hostile } } : {}
      const phrase = tellingText(view, { what, channel: 'C0SHOP', why, ...(to === undefined ? {} : { to }), ...heard })
      return { name: `${view.app === 'shop' && why !== hostile ? '' : 'huge '}telling, ${what}, ${to ?? 'nowhere'}`, about: appOf(view), text: plain(phrase, view.names ?? {}), blocks: [section(phrase)] }
    })))), ...['plain words', hostile].flatMap((text) => Object.values<AppAnnouncement>(appTold(text)).flatMap((one) => ['not_in_channel', 'is_archived', 'is_ext_shared'].map((why) => ({
  name: `${text === hostile ? 'huge ' : ''}telling, unannounced ${one.kind}, ${why}`, about: 'shop on prod',
  ...unannounced(one, { app: 'shop', severalRacks: true, rack: 'prod' }, { channel: 'C0SHOP', why }, { ...names, [cy]: text }),
})))), { name: 'telling, redacted', about: null, ...redacted() }])

/** Answers and modals say less of a promotion than its card: one of each cause or step would only take its time. */
const fewer = once(() => [...everyView(), ...generatedViews(5)])

const asked = (list: ListAsk['list']): ListAsk => ({ list, rack: 'prod', app: 'shop', page: { limit: 20 } })
const paged = <Row>(rows: readonly Row[]) => ({ rows, after: null, before: null })

/** 20 rows of the longest that may be, for an app of 40 characters. */
export const longList = once((): Drawn => {
  const app = 'shop-'.repeat(8)
  const rows = Array.from({ length: 20 }, (_, index) => ({ id: `RABCDEFGHI${'ABCDEFGHIJKLMNOPQRST'[index]}`, status: 'promoting' as const, build: 'BXKQWMNVDTR', created: at('14:02'), description: hostile.repeat(9) }))
  return { name: 'releases', ...releasesAnswer({ rows, total: 90, more: true, above: 20, after: 'RZ', before: 'RA', active: null }, { ...asked('releases'), app }) }
})

const now = at('14:10')
const params = { channel: 'C0SHOP', approvals: 1, approvers: [ana, cy], deadline: 600, stability: 30, expiry: 3600 } as const
const created = { release: R, base: { id: RP, active: 'RLCQYWZTKFE' } } as const

/** The answers that show text from outside, each with the same text wherever there may be one. */
const answersAbout = (text: string): readonly Drawn[] => {
  const started = { view: { ...byStatus.awaiting_approval, release: { ...byStatus.awaiting_approval.release, description: text } }, channel: 'C0SHOP' }
  const release = { id: R, status: 'active', build: 'BXKQWMNVDTR', created: at('14:02'), description: text, app: 'shop' } as const
  const build = { id: 'BXKQWMNVDTR', status: 'complete', release: R, started: at('14:02'), elapsedSeconds: 3, description: text } as const
  const process = { id: 'web-1', service: 'web', status: 'running', release: R, started: at('14:02'), command: text } as const
  const imported = { ...created, build: build.id, warnings: [...Object.values<Warning>(warnings), { ...warnings.tag_not_pinned, registry: 'registry.example.com', why: text }] }
  const changed = { ...created, set: ['FOO'], unset: ['BAR'] }
  const env = [{ key: 'FOO', value: null }, { key: 'BAR', value: text }]
  const row = {
    id: P, kind: 'promote', status: 'rejected', release: R, from: RP, requester: ana, requestedAt: at('14:02'), startedAt: null, finishedAt: at('14:06'), approvals: 1, approvalsNeeded: 2, cause: crash, ended: { by: cy, reason: text },
  } as const
  const lock = { owner: ana, reason: text, since: at('13:40'), until: at('15:40') }
  const freeze = { id: 'FABCDEFGHIJ', app: 'shop', reason: text, cron: '0 18 * * 5', seconds: 223_200, zone: 'Europe/Berlin', frozen: { until: at('15:40') }, next: at('18:00') }
  const audit = {
    id: 1, rack: 'prod', app: 'shop', actor: ana, action: 'promotion.reject', promotionId: P, detail: { note: text, list: [text, 1], none: null }, at: at('14:02'),
    channel: 'C0SHOP', ts: '1.2', delivery: 'env-1', digest: null, decision: 'rejected', reason: text, result: 'rejected', team: 'T0',
  } as const
  const made: Readonly<Record<string, Pick<Drawn, 'text' | 'blocks'>>> = {
    'releases text': releasesTextAnswer({ ...paged([release]), total: 1, more: false, above: 0, active: R }, 'shop', now),
    'releases info': releaseInfoAnswer({ ...release, env: [{ key: 'FOO', value: null }], promoted: { at: at('14:05'), by: ana, status: 'succeeded', seconds: 21 }, from: { build: RP, env: R } }, { [ana]: text }),
    'releases info, revealed': releaseInfoAnswer({ ...release, env, promoted: null, from: { rollback: RP } }, names),
    manifest: manifestAnswer(R, text),
    builds: buildsAnswer(paged([build]), asked('builds'), now),
    'builds info': buildInfoAnswer('shop', { ...build, images: [{ service: 'web', reference: 'shop:1.4.2', pinned: false }], gitSha: text }),
    ps: processesAnswer('shop', [process], now),
    'ps info': processInfoAnswer({ ...process, app: 'shop', instance: text, image: 'shop:1.4.2', restarts: 2, reason: text }),
    env: envAnswer('shop', { release: R, env }),
    'env get': envValueAnswer('shop', 'FOO', text),
    'env set': envChangedAnswer('shop', changed, null),
    'env set --promote': envChangedAnswer('shop', changed, started),
    'create-from': createdFromAnswer('shop', created, started),
    'import-image': importedAnswer('shop', imported),
    deploy: deployAnswer('shop', imported, started),
    promotions: promotionsAnswer(paged([row]), asked('promotions'), now, { [ana]: text }),
    params: paramsAnswer('shop', params, true, { C0SHOP: text, [ana]: text }),
    'apps info': appInfoAnswer({ app: 'shop', status: 'updating', release: RP, namespace: 'convox-shop', params, moving: { promotion: P, release: R, requester: ana, since: at('14:02') }, waiting: 2 }, { [ana]: text }),
    'apps lock': lockAnswer('shop', lock, 'locked'),
    'Take over lock': lockAnswer('shop', { ...lock, until: null }, 'taken'),
    ...freezeAnswers(freeze),
    audit: auditAnswer(paged([audit]), asked('audit'), false, { [ana]: text }),
    'audit, one of several racks': auditAnswer(paged([audit]), { ...asked('audit'), app: 'shop' }, true, { [ana]: text }),
    'audit --export': auditExportAnswer({ rows: 1, more: true }, asked('audit'), { name: 'audit.csv', content: text }, false),
    'apps create': appCreatedAnswer('shop', 'convox-shop', { C0SHOP: text }, 'C0SHOP'),
  }
  return Object.entries(made).map(([name, message]) => ({ name: `${name}, ${text === 'plain words' ? 'plain' : `huge ${JSON.stringify(text.slice(0, 20))}`}`, ...message }))
}

/** With one rack, and as one of several. */
const freezeAnswers = (freeze: FreezeRow): Readonly<Record<string, Answer>> => Object.fromEntries([false, true].flatMap((severalRacks): (readonly [name: string, answer: Answer])[] => {
  const where = { rack: 'prod', severalRacks }
  const every: FreezeRow = { ...freeze, app: null }
  const more = severalRacks ? ', one of several racks' : ''
  return [
    [`freezes${more}`, freezesAnswer('shop', [freeze, { ...every, frozen: null }], where)],
    [`freeze add${more}`, freezeAddedAnswer(freeze, where)],
    [`rack freeze add${more}`, freezeAddedAnswer({ ...every, frozen: { until: null } }, where)],
    [`freeze remove${more}`, freezeRemovedAnswer(freeze, where)],
    [`rack freeze remove${more}`, freezeRemovedAnswer(every, where)],
  ]
}))

const emptyAnswers = (): readonly Drawn[] => Object.entries({
  apps: appsAnswer(paged([]), asked('apps'), true),
  'apps, full': appsAnswer({ rows: [{ app: 'shop', status: 'running', release: R }], after: 'shop', before: 'mail' }, asked('apps'), false),
  'apps delete': appDeletedAnswer('shop', { namespace: 'convox-shop', trouble: null }),
  'apps delete, cluster away': appDeletedAnswer('shop', { namespace: 'convox-shop', trouble: { code: 'cluster_unreachable', since: null } }),
  'apps delete, refused': appDeletedAnswer('shop', { namespace: 'convox-shop', trouble: { code: 'cluster_refused', object: 'namespace convox-shop', message: nasty.join(' ') } }),
  'apps unlock': unlockedAnswer('shop'),
  ...Object.fromEntries([false, true].map((severalRacks) => [severalRacks ? 'freezes, one of several racks' : 'freezes', freezesAnswer(null, [], { rack: 'prod', severalRacks })])),
  audit: auditAnswer(paged([]), { ...asked('audit'), since: at('14:02') }, false),
  builds: buildsAnswer(paged([]), asked('builds'), now),
  ps: processesAnswer('shop', [], now),
  env: envAnswer('shop', { release: null, env: [] }),
  promotions: promotionsAnswer(paged([]), asked('promotions'), now),
  releases: releasesAnswer({ ...paged([]), total: 0, more: false, above: 0, active: null }, asked('releases')),
  'card link': cardLinkMessage(R, 'https://example.slack.com/archives/C0SHOP/p1?a=1&b=2'),
}).map(([name, message]) => ({ name: `${name}, empty`, ...message }))

/** The menu of each role, with nothing going on, a rollout, one request and several that wait for this person. */
const menus = (): readonly Drawn[] => {
  const waiting = { promotion: 'PB', release: 'RB', app: 'shop' }
  const facts: Readonly<Record<string, MenuFacts>> = {
    quiet: { app: 'shop', moving: null, forMe: [] }, moving: { app: 'shop', moving: { promotion: 'PA', release: 'RA' }, forMe: [waiting] }, 'several wait': { app: 'shop', moving: null, forMe: [waiting, waiting] },
  }
  return roles.flatMap((role) => Object.entries(facts).map(([how, each]) => ({
    name: `menu of a ${role}, ${how}`,
    ...menuMessage(role, each, menuCommands(role, each).map(({ label, command, dialog }) => ({ label, question: 'q', dialog: dialog ?? offerDialog(label, label, command) }))),
  })))
}

export const answers = once((): readonly Drawn[] => [
  ...Object.values(refusals).map((refusal) => ({ name: `refusal, ${refusal.code}`, ...refusalMessage(refusal, { ref: '7f3a', names }) })),
  ...Object.values(usageErrors).map((problem) => ({ name: `usage, ${problem.code}`, ...usageMessage(problem, { ref: '7f3a', offers: [{ label: 'releases', question: 'q1' }] }) })),
  { name: 'usage, too_slow, after a click', ...usageMessage(usageErrors.too_slow, { ref: '7f3a' }) },
  { name: 'help', ...helpOverview(commands) },
  ...commands.map((command) => ({ name: `help ${command.name}`, ...helpOf(command) })),
  ...menus(),
  ...Object.entries(teamLists()).map(([name, answer]) => ({ name: `list, ${name}`, ...answer })),
  { name: 'which app', ...whichAppMessage(['shop', 'mail'].map((app) => ({ label: app, value: app })), [{ promotion: 'PB', release: 'RB', app: 'shop' }], true) },
  ...emptyAnswers(),
  ...nasty.flatMap(answersAbout),
  ...fewer().flatMap(([name, view]) => [
    { name: `promotions info, ${name}`, ...promotionInfoAnswer(view) },
    { name: `promotions info --facts, ${name}`, ...promotionFactsAnswer({ promotion: view.id, app: view.app, text: view.startedAt === null ? null : '{}\n' }) },
    { name: `promote, ${name}`, ...promoteAnswer({ view, channel: 'C0SHOP' }) },
    { name: `diff sent, ${name}`, ...diffSent(diffOf(view)) },
    ...decisions.map((decision) => ({ name: `${decision}, ${name}`, ...decidedMessage(decision, view) })),
  ]),
])

export const modals = once((): readonly { readonly name: string; readonly view: ModalView }[] => [
  ...fewer().flatMap(([name, view]) => [[`reject, ${name}`, rejectView(view)] as const, [`diff, ${name}`, diffView(diffOf(view)).view] as const, [`small diff, ${name}`, diffView(smallDiff(view)).view] as const]),
  ['huge diff', diffView(hugeDiff(huge(byStatus.awaiting_approval), 12)).view] as const,
  ['diff too long', diffView(hugeDiff(huge(byStatus.awaiting_approval), 40)).view] as const,
  ['env, of one of several racks', envView({ app: 'shop', release: 'RA', keys: ['FOO'] }, 'staging')] as const,
  ['env', envView({ app: 'shop', release: 'RA', keys: Array.from({ length: 300 }, (_, index) => `KEY_${index}`) })] as const,
  ['create', createReleaseView('shop', [{ id: 'RA', status: 'active', build: 'BA', created: at('14:02'), description: hostile.repeat(5) }])] as const,
  ['import', importManifestView('shop', { image: 'shop:1' })] as const,
  ['delete', deleteAppView({ app: 'shop', rack: 'prod', namespace: 'convox-shop', processes: 3, releases: 1, manyReleases: false, envKeys: 1 })] as const,
  ['delete much', deleteAppView({ app: 'shop-'.repeat(8), rack: 'prod', namespace: 'convox-shop', processes: 0, releases: 500, manyReleases: true, envKeys: 0 })] as const,
  ['loading', loadingView('shop-'.repeat(8))] as const,
  ['told', toldView('One moment', say`This failed on our side: ${code(hostile)}`, '7f3a')] as const,
].flatMap(([name, view]) => (view === null ? [] : [{ name, view }])))

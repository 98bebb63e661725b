import type { ModalView } from '@slack/types'
import { announcement } from '../../src/bot/messages/announcement.ts'
import { appAnnouncement } from '../../src/bot/messages/app-announcement.ts'
import { decisions } from '../../src/bot/messages/decided.ts'
import { notice } from '../../src/bot/messages/notice.ts'
import { promotionCard } from '../../src/bot/messages/promotion-card.ts'
import type { PromotionView } from '../../src/rack/promotion-view.ts'
import { appTold, phaseProgress, told, waits } from '../bot/messages/support/every-case.ts'
import { answers, cards, longList, modals, tellings, type Drawn } from '../bot/messages/support/every-message.ts'
import { isTame } from '../bot/messages/support/every-situation.ts'
import { byStatus, huge, names, situations } from '../bot/messages/support/views.ts'

/** Every state of cards.md, every step of a rollout, what waits, and the same huge. */
const views: readonly (readonly [string, PromotionView])[] = [
  ...Object.entries({ ...byStatus, ...situations }),
  ...Object.entries(phaseProgress).map(([phase, progress]) => [`phase ${phase}`, { ...byStatus.rolling_out, progress }] as const),
  ['waits', { ...byStatus.queued, waits: Object.values(waits) }], ['waits for a freeze', { ...byStatus.queued, queue: null, waits: [waits.freeze] }],
  ...Object.entries(byStatus).map(([status, view]) => [`${status}, huge`, huge(view)] as const),
]

const cardsShown = (): readonly Drawn[] => views.map(([name, view]) => ({ name, ...promotionCard(view) }))
const noticesShown = (): readonly Drawn[] => [
  ...views.flatMap(([name, view]) => {
    const message = notice(view)
    return message === null ? [] : [{ name: `notice, ${name}`, text: message.text, blocks: message.blocks }]
  }),
  { name: 'drift', ...announcement(byStatus.succeeded, told.drift) },
  ...Object.entries(appTold('moving the database')).map(([kind, one]) => ({ name: kind, ...appAnnouncement(one, { app: 'shop', rack: 'prod', severalRacks: false }, names) })),
]

/** Of what looks the same one. */
const unlike = (all: readonly Drawn[]): readonly Drawn[] => [...new Map(all.map((one) => [JSON.stringify(one.blocks), one])).values()]

/** Texts from outside that try a layout: markup, no blank in 5,000 letters, and wide characters. */
const tries = ['"<!channel>', '"xxxx', '"😀'].map((start) => `huge ${start}`)
const isHuge = (name: string): boolean => name.startsWith('huge telling') || tries.some((start) => name.includes(start))

/** Every tame one, and of those that somebody else has made huge one of each name. */
const some = (all: readonly Drawn[]): readonly Drawn[] => {
  const hugeByName = new Map(all.filter(({ name }) => isHuge(name)).map((one) => [one.name, one]))
  return unlike([...all.filter(({ name }) => isTame(name)), ...hugeByName.values()])
}

/** A card of every status that stays behind, for each place where its promotion may go on; and a huge one. */
const leftNames = [...Object.keys(byStatus), 'rolled_back, huge'].map((name) => `card, left, ${name}`)

const aboutPromotions = new RegExp(`^(${['promotions info', 'promotions info --facts', 'promote', 'diff sent', ...decisions].join('|')}), `)
const lists = /^(list|releases|promotions|builds|ps|apps|audit|freezes|params|env|which app|menu)\b/
const ofPromotions = [...Object.keys(byStatus), 'several racks', 'rollback', 'rolled_back, huge'].map((name) => `, ${name}`)

const answersShown = (): readonly Drawn[] =>
  some(answers()).filter(({ name }) => !aboutPromotions.test(name) || ofPromotions.some((end) => name.endsWith(end)))

/** What a person may have before them, in a channel for each kind; `sheet`: photographed many to a picture. */
export const kinds = {
  cards: { shown: cardsShown, sheet: false },
  notices: { shown: noticesShown, sheet: false },
  left: { shown: () => cards().filter(({ name }) => leftNames.includes(name)), sheet: true },
  tellings: { shown: () => some(tellings()), sheet: true },
  lists: { shown: () => [...answersShown().filter(({ name }) => lists.test(name)), longList()], sheet: true },
  help: { shown: () => answersShown().filter(({ name }) => name.startsWith('help')), sheet: true },
  refusals: { shown: () => answersShown().filter(({ name }) => /^(refusal|usage),/.test(name)), sheet: true },
  changes: { shown: () => answersShown().filter(({ name }) => !lists.test(name) && !/^(help|refusal,|usage,)/.test(name)), sheet: true },
} as const satisfies Readonly<Record<string, { readonly shown: () => readonly Drawn[]; readonly sheet: boolean }>>
export type Kind = keyof typeof kinds
export const kindNames = ['cards', 'notices', 'left', 'tellings', 'lists', 'help', 'refusals', 'changes'] as const satisfies readonly Kind[]

const modalNames = [
  'diff, awaiting_approval', 'small diff, first request', 'huge diff', 'diff too long', 'reject, awaiting_approval', 'reject, awaiting_approval, huge',
  'env', 'create', 'import', 'delete', 'delete much', 'loading', 'told',
] as const

/** Every modal, by name. */
export const modalsShown = (): readonly (readonly [name: string, view: ModalView])[] => modalNames.map((name) => {
  const found = modals().find((one) => one.name === name)
  if (found === undefined) throw new Error(`no modal "${name}" in support/every-message.ts`)
  return [name, found.view]
})

/** The names under which every-message.ts has modals, without what makes several of one kind. */
export const modalKinds = (): readonly string[] => [...new Set(modals().map(({ name }) => name.split(',')[0] ?? name))]
export const shownModalKinds: readonly string[] = modalNames.map((name) => name.split(',')[0] ?? name)

import type { Button, KnownBlock } from '@slack/types'
import type { Role } from '../../rack/actor.ts'
import { promotionValue } from '../action-ids.ts'
import { actions, button, plainText, section, type Dialog, type Message } from '../blocks.ts'
import { code, enumerated, say, type Phrase } from './phrase.ts'
import { offerButtons, type Offer } from './reply.ts'

/** A promotion that a button leads to. */
export interface MenuPromotion { readonly promotion: string; readonly release: string; readonly app: string }

/** What the menu says of an app; `moving` stands first. */
export interface MenuFacts {
  readonly app: string
  readonly moving: { readonly promotion: string; readonly release: string } | null
  /** Requests for this app that wait for this very person. */
  readonly forMe: readonly MenuPromotion[]
}

/** One offer before it is kept: what its button says, the words it runs, and what it asks before. */
export interface MenuCommand { readonly label: string; readonly command: string; readonly dialog?: Dialog }

const promoteNewest = (app: string): MenuCommand => ({
  label: 'Promote newest', command: `releases promote -a ${app}`,
  dialog: {
    title: `Promote the newest release of ${app}?`, text: `It asks for approval where ${app} wants one; else it starts at once.`, confirm: 'Promote newest', deny: 'Not now',
  },
})

/** The commands a role is offered, as typed after `/convox`; the caller keeps each and gives its id back as an offer. */
export const menuCommands = (role: Role, facts: MenuFacts): readonly MenuCommand[] => {
  const a = ` -a ${facts.app}`
  const releases: MenuCommand = { label: 'Releases', command: `releases${a}` }
  const help: MenuCommand = { label: 'Help', command: 'help' }
  const { length } = facts.forMe
  // One is opened by its card.
  const several: readonly MenuCommand[] = length > 1 ? [{ label: `Waiting for me: ${length}`, command: `promotions${a}` }] : []
  switch (role) {
    case 'viewer': return [...several, releases, { label: 'Processes', command: `ps${a}` }, help]
    case 'approver': return length > 0 ? [...several, releases, help] : [releases, promoteNewest(facts.app), help]
    case 'deployer':
    case 'admin': return [...several, releases, promoteNewest(facts.app), { label: 'Environment', command: `env${a}` }]
  }
}

const also: Phrase = say`Also: ${code('apps create')}, ${code('apps params')}, ${code('audit')}`

const cardButton = (label: string, { promotion, release, app }: MenuPromotion): Button =>
  button({ action: 'show_card', label, value: promotionValue(promotion, null), about: `${release} on ${app}` })

/** Nothing typed, and the app is known: what next, by role (cards.md 5). `offers` are the kept `menuCommands`. */
export const menuMessage = (role: Role, facts: MenuFacts, offers: readonly Offer[]): Message => {
  const { app, moving, forMe } = facts
  const [only] = forMe
  const buttons = [
    ...(moving === null ? [] : [cardButton('Show card', { ...moving, app })]),
    ...(only !== undefined && forMe.length === 1 ? [cardButton('Waiting for me: 1', only)] : []),
    ...offerButtons(offers),
  ]
  // Two buttons of one action in one block are refused by Slack: the second card stands in a block of its own.
  const twoCards = moving !== null && forMe.length === 1
  const blocks: KnownBlock[] = twoCards ? [actions(buttons.slice(0, 1)), actions(buttons.slice(1, 3))] : [actions(buttons.slice(0, 3))]
  return {
    text: `What next for ${app}?`,
    blocks: [section(say`What next for ${code(app)}?`), ...blocks, ...(role === 'admin' ? [section(also)] : [])],
  }
}

/** Apps in one select (slack.md 3.3). */
const selectable = 100

/** An app to choose: what the option says, and its value. */
export interface AppChoice { readonly label: string; readonly value: string }

const waitingLine = (forMe: readonly MenuPromotion[]): Phrase => {
  const shown = forMe.slice(0, 5).map(({ release, app }) => say`${code(release)} on ${code(app)}`)
  return say`Waiting for you: ${enumerated(shown, 'and')}${forMe.length > shown.length ? ` and ${forMe.length - shown.length} more` : ''}.`
}

/** Nothing typed, and the channel does not say which app: what waits for this person, and a select (`pick_app`, the option's value is the app). */
export const whichAppMessage = (apps: readonly AppChoice[], forMe: readonly MenuPromotion[], mayCreate: boolean): Message => {
  if (apps.length === 0) {
    const next = mayCreate ? say`Start with ${code('/convox apps create shop')}, or see ${code('/convox help')}.` : say`Ask an admin, or see ${code('/convox help')}.`
    return { text: 'No apps yet.', blocks: [section(say`no apps yet\n${next}`)] }
  }
  const select: KnownBlock = {
    type: 'actions',
    elements: [{
      type: 'static_select', action_id: 'pick_app', placeholder: plainText('Choose an app', 75),
      options: apps.slice(0, selectable).map(({ label, value }) => ({ text: plainText(label, 75), value })),
    }],
  }
  const [first] = forMe
  const waiting = first === undefined ? [] : [section(waitingLine(forMe), cardButton('Show card', first))]
  return { text: 'Which app?', blocks: [...waiting, section(say`Which app?`), select, ...(mayCreate ? [section(also)] : [])] }
}

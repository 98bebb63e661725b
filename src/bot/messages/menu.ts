import type { KnownBlock } from '@slack/types'
import type { Role } from '../../rack/actor.ts'
import { promotionValue } from '../action-ids.ts'
import { actions, button, plainText, section, type Message } from '../blocks.ts'
import { code, say, type Phrase } from './phrase.ts'
import { offerButtons, type Offer } from './reply.ts'

/** What the menu says of an app; `moving` stands first. */
export interface MenuFacts {
  readonly app: string
  readonly moving: { readonly promotion: string; readonly release: string } | null
  /** Requests that wait for an approval. */
  readonly waiting: number
}

/** The commands a role is offered, as typed after `/convox`; the caller keeps each and gives its id back as an offer. */
export const menuCommands = (role: Role, facts: MenuFacts): readonly { readonly label: string; readonly command: string }[] => {
  const a = ` -a ${facts.app}`
  const releases = { label: 'Releases', command: `releases${a}` }
  const help = { label: 'Help', command: 'help' }
  switch (role) {
    case 'viewer': return [releases, { label: 'Processes', command: `ps${a}` }, help]
    case 'approver': return facts.waiting > 0
      ? [{ label: `Waiting for me: ${facts.waiting}`, command: `promotions${a}` }, releases, help]
      : [releases, { label: 'Promote newest', command: `releases promote${a}` }, help]
    case 'deployer':
    case 'admin': return [releases, { label: 'Promote newest', command: `releases promote${a}` }, { label: 'Environment', command: `env${a}` }]
  }
}

const also: Phrase = say`Also: ${code('apps create')}, ${code('apps params')}, ${code('help')}`

/** Nothing typed, and the app is known: what next, by role (cards.md 5). `offers` are the kept `menuCommands`. */
export const menuMessage = (role: Role, facts: MenuFacts, offers: readonly Offer[]): Message => {
  const { app, moving } = facts
  const first = moving === null
    ? []
    : [button({ action: 'show_card', label: 'Show card', value: promotionValue(moving.promotion, null), about: `${moving.release} on ${app}` })]
  return {
    text: `What next for ${app}?`,
    blocks: [
      section(say`What next for ${code(app)}?`),
      actions([...first, ...offerButtons(offers)].slice(0, 3)),
      ...(role === 'admin' ? [section(also)] : []),
    ],
  }
}

/** Apps in one select (slack.md 3.3). */
const selectable = 100

/** Nothing typed, and the channel does not say which app: a select (`pick_app`, the option's value is the app). */
export const whichAppMessage = (apps: readonly string[]): Message => {
  if (apps.length === 0) {
    return { text: 'No apps yet.', blocks: [section(say`no apps yet\nStart with ${code('/convox apps create shop')}, or see ${code('/convox help')}.`)] }
  }
  const select: KnownBlock = {
    type: 'actions',
    elements: [{
      type: 'static_select', action_id: 'pick_app', placeholder: plainText('Choose an app', 75),
      options: apps.slice(0, selectable).map((app) => ({ text: plainText(app, 75), value: app })),
    }],
  }
  return { text: 'Which app?', blocks: [section(say`Which app?`), select] }
}

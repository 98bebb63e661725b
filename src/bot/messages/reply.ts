import type { Button } from '@slack/types'
import { runActions } from '../action-ids.ts'
import { actions, button, context, section, type Dialog, type Message } from '../blocks.ts'
import { plain, say, type Names, type Phrase } from './phrase.ts'
import { cut } from './plain-text.ts'

/** A no in two lines: what it is, and what to do next, with at most three buttons (cards.md 7). */
export interface Reply {
  readonly says: Phrase
  readonly next: Phrase | null
  readonly buttons: readonly Button[]
}

/** A kept command behind a button: what the button says, the id under which the inbox keeps it, and what is asked before it runs. */
export interface Offer { readonly label: string; readonly question: string; readonly dialog?: Dialog }

/** Asked before a corrected command runs that changes something: what would run, word for word but for values. Pure. */
export const offerDialog = (label: string, name: string, line: string): Dialog => ({ title: `Run ${name}?`, text: `/convox ${line}`, confirm: label, deny: 'Not now' })

/** What every answer of "no" needs besides its facts. */
export interface ReplyContext {
  /** Four hex digits, in the bot's log too. */
  readonly ref: string
  /** Corrected commands to run at a click; only the first three are shown. */
  readonly offers?: readonly Offer[]
  readonly names?: Names
  /** The release a refused rollback was to go to: its busy answer then offers to cancel and roll back to it. */
  readonly rollbackTo?: string
}

/** One button for each kept command. */
export const offerButtons = (offers: readonly Offer[]): readonly Button[] =>
  offers.slice(0, runActions.length).flatMap((offer, at) => {
    const action = runActions[at]
    return action === undefined ? [] : [button({ action, label: offer.label, value: offer.question, about: '', ...(offer.dialog === undefined ? {} : { dialog: offer.dialog }) })]
  })

/** A reply without buttons of its own. */
export const reply = (says: Phrase, next: Phrase | null, buttons: readonly Button[] = []): Reply => ({ says, next, buttons })

/** The message of a reply; it always ends in `ref 7f3a`. */
export const replyMessage = (facts: Reply, given: ReplyContext): Message => {
  const buttons = [...offerButtons(given.offers ?? []), ...facts.buttons].slice(0, 3)
  const text = plain(facts.next === null ? facts.says : say`${facts.says} ${facts.next}`, given.names ?? {})
  return {
    text: cut(text, 3000),
    blocks: [
      section(facts.next === null ? facts.says : say`${facts.says}\n${facts.next}`),
      ...(buttons.length === 0 ? [] : [actions(buttons)]),
      context(say`ref ${given.ref}`),
    ],
  }
}

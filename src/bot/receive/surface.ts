import { WebAPIPlatformError } from '@slack/web-api'
import type { Logger } from 'pino'
import type { DeliveryStore } from '../../rack/delivery-store.ts'
import type { SlackSurface } from '../context.ts'
import { readTrouble, type Trouble } from '../delivery/slack-error.ts'
import { namesOf, type Directory } from '../directory.ts'
import type { SlackClients } from '../slack-clients.ts'
import { UsageFailure } from '../usage-error.ts'
import { createAnswering, directChannel } from './answer.ts'
import { checkChannel } from './channel-check.ts'
import type { SlackDelivery } from './delivery.ts'
import type { Outside } from './drain.ts'
import { wrapMetadata } from './modal-place.ts'
import { patiently } from './patience.ts'
import { readFile } from './read-file.ts'

/** Slack's word in a thrown error; undefined for everything else. */
const wordOf = (error: unknown): string | undefined => (error instanceof WebAPIPlatformError ? error.data.error : undefined)

const deadTriggers = ['expired_trigger_id', 'exchanged_trigger_id', 'trigger_exchanged', 'invalid_trigger_id', 'trigger_expired']
const closedModals = ['not_found', 'view_not_found']

/** Perhaps it opened: then it stays as it is, and the answer has the way on. */
const lost: readonly (Trouble['kind'] | undefined)[] = ['limited', 'unsent', 'ambiguous']

/** What a surface needs of the bot. */
export interface SurfaceParts {
  readonly clients: SlackClients
  readonly directory: Directory
  readonly store: Pick<DeliveryStore, 'cardOf'>
}

/** The Slack side of one delivery (context.ts says what each call promises). `triggerId` is null when it is done again after a crash. */
export const createSurface = (parts: SurfaceParts, delivery: SlackDelivery, triggerId: string | null, log: Logger): SlackSurface => {
  const { clients, directory } = parts
  const { interactive } = clients
  const answer = createAnswering(interactive, delivery, log)
  let trigger = triggerId

  return {
    openModal: async (view) => {
      const id = trigger
      trigger = null
      if (id === null) return null
      try {
        const placed = { ...view, private_metadata: wrapMetadata(view.private_metadata ?? '', { channel: delivery.channel, message: delivery.messageTs }) }
        return (await clients.opening.views.open({ trigger_id: id, view: placed })).view?.id ?? null
      } catch (error) {
        const [word, trouble] = [wordOf(error), readTrouble(error)]
        // Waiting would outlive the trigger.
        if (!(word !== undefined && deadTriggers.includes(word)) && !lost.includes(trouble?.kind)) throw error
        log.info({ why: trouble?.why }, 'too late for a modal')
        return null
      }
    },
    updateModal: async (viewId, view) => {
      try {
        const placed = { ...view, private_metadata: wrapMetadata(view.private_metadata ?? '', { channel: delivery.channel, message: delivery.messageTs }) }
        await patiently(() => interactive.views.update({ view_id: viewId, view: placed }), log)
      } catch (error) {
        const word = wordOf(error)
        if (word === undefined || !closedModals.includes(word)) throw error
        log.info({ why: word }, 'the modal was closed meanwhile')
      }
    },
    answer: async (message, options = {}) => {
      const { incoming } = delivery
      await answer(message, options.replace === true && incoming.kind === 'click' && incoming.on === 'ephemeral')
    },
    sayFile: async (name, text) => {
      try {
        const channel = await directChannel(interactive, delivery.user, log)
        await patiently(() => interactive.files.uploadV2({ channel_id: channel, filename: name, title: name, content: text }), log)
      } catch (error) {
        log.error({ err: error }, 'a file was not sent')
        if (wordOf(error) === 'missing_scope') throw new UsageFailure({ code: 'missing_scope', what: 'send files', scope: 'files:write' })
        throw new UsageFailure({ code: 'file_not_sent', name })
      }
    },
    readFile: (id) => readFile(interactive, id),
    names: (ids) => namesOf(directory, ids, (error) => log.warn({ err: error }, 'a name could not be read')),
    permalinkOfCard: async (promotion) => {
      const card = await parts.store.cardOf(promotion)
      if (card === null) return null
      return (await interactive.chat.getPermalink({ channel: card.channel, message_ts: card.ts })).permalink ?? null
    },
    checkChannel: (channel) => checkChannel(interactive, channel),
  }
}

/** The same, each of its calls a wait `outside`. */
export const surfaceOutside = (surface: SlackSurface, outside: Outside): SlackSurface => ({
  openModal: (view) => outside(() => surface.openModal(view)),
  updateModal: (viewId, view) => outside(() => surface.updateModal(viewId, view)),
  answer: (message, options) => outside(() => surface.answer(message, options)),
  sayFile: (name, text) => outside(() => surface.sayFile(name, text)),
  readFile: (id) => outside(() => surface.readFile(id)),
  names: (ids) => outside(() => surface.names(ids)),
  permalinkOfCard: (promotion) => outside(() => surface.permalinkOfCard(promotion)),
  checkChannel: (channel) => outside(() => surface.checkChannel(channel)),
})

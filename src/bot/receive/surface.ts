import { WebAPIPlatformError } from '@slack/web-api'
import type { Logger } from 'pino'
import type { DeliveryStore } from '../../rack/delivery-store.ts'
import type { Message } from '../blocks.ts'
import type { SlackSurface } from '../context.ts'
import { namesOf, type Directory } from '../directory.ts'
import type { SlackClients } from '../slack-clients.ts'
import { checkChannel } from './channel-check.ts'
import type { SlackDelivery } from './delivery.ts'
import { answerDirectly, responseUrlUses } from './direct-answer.ts'
import type { Outside } from './drain.ts'
import { wrapMetadata } from './modal-place.ts'
import { readFile } from './read-file.ts'

/** Slack's word in a thrown error; undefined for everything else. */
const wordOf = (error: unknown): string | undefined => (error instanceof WebAPIPlatformError ? error.data.error : undefined)

const deadTriggers = ['expired_trigger_id', 'exchanged_trigger_id', 'trigger_exchanged', 'invalid_trigger_id', 'trigger_expired']
const closedModals = ['not_found', 'view_not_found']
const badBlocks = ['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long']

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
  let uses = 0
  let trigger = triggerId

  const directChannel = async (): Promise<string> => {
    const opened = await interactive.conversations.open({ users: delivery.user })
    if (opened.channel?.id === undefined) throw new Error('conversations.open answered without a channel')
    return opened.channel.id
  }

  const answerByDirectMessage = async (message: Message): Promise<void> => {
    const channel = await directChannel()
    await interactive.chat.postMessage({ channel, text: message.text, blocks: [...message.blocks], unfurl_links: false, unfurl_media: false })
  }

  const answerInChannel = async (message: Message): Promise<void> => {
    const { channel, user, threadTs, direct } = delivery
    if (channel === '' || direct) return answerByDirectMessage(message)
    const thread = threadTs === null ? {} : { thread_ts: threadTs }
    try {
      await interactive.chat.postEphemeral({ channel, user, text: message.text, blocks: [...message.blocks], ...thread })
    } catch (error) {
      const word = wordOf(error)
      if (word === undefined || badBlocks.includes(word)) throw error
      log.info({ channel, why: word }, 'no ephemeral answer there; it goes as a direct message')
      await answerByDirectMessage(message)
    }
  }

  const send = async (message: Message, replace: boolean): Promise<void> => {
    if (delivery.responseUrl !== null && uses < responseUrlUses) {
      uses += 1
      // A lost answer is given again another way: twice is better than a command that says nothing.
      if (await answerDirectly(delivery.responseUrl, message, replace, log) === 'shown') return
    }
    await answerInChannel(message)
  }

  return {
    openModal: async (view) => {
      const id = trigger
      trigger = null
      if (id === null) return null
      try {
        const placed = { ...view, private_metadata: wrapMetadata(view.private_metadata ?? '', delivery.channel) }
        return (await clients.opening.views.open({ trigger_id: id, view: placed })).view?.id ?? null
      } catch (error) {
        const word = wordOf(error)
        if (word === undefined || !deadTriggers.includes(word)) throw error
        log.info({ why: word }, 'too late for a modal')
        return null
      }
    },
    updateModal: async (viewId, view) => {
      try {
        await interactive.views.update({ view_id: viewId, view: { ...view, private_metadata: wrapMetadata(view.private_metadata ?? '', delivery.channel) } })
      } catch (error) {
        const word = wordOf(error)
        if (word === undefined || !closedModals.includes(word)) throw error
        log.info({ why: word }, 'the modal was closed meanwhile')
      }
    },
    answer: async (message, options = {}) => {
      const { incoming } = delivery
      await send(message, options.replace === true && incoming.kind === 'click' && incoming.on === 'ephemeral')
    },
    sayFile: async (name, text) => {
      await interactive.files.uploadV2({ channel_id: await directChannel(), filename: name, title: name, content: text })
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

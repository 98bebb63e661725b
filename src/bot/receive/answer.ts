import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import type { Message } from '../blocks.ts'
import { readTrouble } from '../delivery/slack-error.ts'
import { UnsaidError } from '../unsaid-error.ts'
import type { SlackDelivery } from './delivery.ts'
import { answerDirectly, responseUrlUses } from './direct-answer.ts'
import { patiently } from './patience.ts'

/** The direct message with the bot, opened where there is none yet. */
export const directChannel = async (client: WebClient, user: string, log: Logger): Promise<string> => {
  const opened = await patiently(() => client.conversations.open({ users: user }), log)
  if (opened.channel?.id === undefined) throw new Error('conversations.open answered without a channel')
  return opened.channel.id
}

/** Sends it; where Slack does not take its blocks, the facts still arrive as text. */
const withText = async (message: Message, log: Logger, send: (payload: Message) => Promise<unknown>): Promise<void> => {
  try {
    await patiently(() => send({ text: message.text, blocks: [...message.blocks] }), log)
  } catch (error) {
    const trouble = readTrouble(error)
    if (trouble?.kind !== 'malformed') throw error
    log.error({ why: trouble.why, pointers: trouble.pointers }, 'Slack does not take this answer; it goes as text')
    await patiently(() => send({ text: message.text, blocks: [] }), log)
  }
}

/**
 * How one delivery is answered: its response_url while that is good, else an ephemeral message where it came from, else a direct one.
 * Throws `UnsaidError` when none of them got through.
 */
export const createAnswering = (client: WebClient, delivery: SlackDelivery, log: Logger): ((message: Message, replace: boolean) => Promise<void>) => {
  let uses = 0

  const byDirectMessage = async (message: Message): Promise<void> => {
    const channel = await directChannel(client, delivery.user, log)
    await withText(message, log, (payload) => client.chat.postMessage({ channel, ...payload, unfurl_links: false, unfurl_media: false }))
  }

  const inChannel = async (message: Message): Promise<void> => {
    const { channel, user, threadTs, direct } = delivery
    if (channel === '' || direct) return byDirectMessage(message)
    const thread = threadTs === null ? {} : { thread_ts: threadTs }
    try {
      await withText(message, log, (payload) => client.chat.postEphemeral({ channel, user, ...payload, ...thread }))
    } catch (error) {
      const trouble = readTrouble(error)
      if (trouble === undefined) throw error
      log.info({ channel, why: trouble.why }, 'no ephemeral answer there; it goes as a direct message')
      await byDirectMessage(message)
    }
  }

  return async (message, replace) => {
    if (delivery.responseUrl !== null && uses < responseUrlUses) {
      uses += 1
      // A lost answer is given again another way: twice is better than a command that says nothing.
      if (await answerDirectly(delivery.responseUrl, message, replace, log) === 'shown') return
    }
    try {
      await inChannel(message)
    } catch (error) {
      throw new UnsaidError(error)
    }
  }
}

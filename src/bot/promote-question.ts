import { actions, section, type Message } from './blocks.ts'
import { offerButtons, type Offer } from './messages/reply.ts'
import { code, plain, say } from './messages/phrase.ts'

/** Asked before a click promotes on an app that wants no approval (cards.md 5). */
export const promoteQuestion = (app: string, release: string, offer: Offer): Message => {
  const phrase = say`Promote ${code(release)} to ${code(app)}? It starts at once.`
  return { text: plain(phrase, {}), blocks: [section(phrase), actions(offerButtons([offer]))] }
}

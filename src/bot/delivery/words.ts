import type { KnownBlock } from '@slack/types'
import type { PromotionView } from '../../rack/promotion-view.ts'
import { cleanCode, escapeMrkdwn } from '../messages/plain-text.ts'
import { lastLine, lineText, threadChunk, type SaidLine } from '../messages/thread.ts'

/** A message as Slack takes it. */
export interface Payload { readonly text: string; readonly blocks: readonly KnownBlock[] }

/** How many of `lines` fit into one message. */
export const fitting = (lines: readonly SaidLine[]): number => threadChunk(lines).taken

const fence = '```\n'

/** The message of these lines, all of which fit; `first` opens a thread at the head of the same block. */
export const linesMessage = (lines: readonly SaidLine[], view: PromotionView, first: string | null): Payload => {
  const { text } = threadChunk(lines, view.names)
  return { text: first === null ? text : text.replace(fence, () => `${fence}${escapeMrkdwn(cleanCode(first))}\n`), blocks: [] }
}

/** The last word of a thread that has no notice. Throws for a promotion that has not ended. */
export const lastMessage = (view: PromotionView): Payload => {
  const line = lastLine(view)
  if (line === null) throw new Error(`${view.id} has no last line: it is ${view.status}`)
  return { text: lineText(line), blocks: [] }
}

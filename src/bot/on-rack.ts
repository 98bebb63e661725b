import type { Button, KnownBlock, ModalView } from '@slack/types'
import type { Operations } from '../rack/operations.ts'
import type { ActionId } from './action-ids.ts'
import type { Message } from './blocks.ts'
import type { Context, SlackSurface } from './context.ts'
import type { Where } from './messages/promotion-facts.ts'
import { messageOn } from './printed-commands.ts'
import { UsageFailure } from './usage-error.ts'

/** Buttons whose value names an app: with several racks an app's name alone does not say which one is meant. */
const aboutApps = [
  'promote', 'promote_again', 'promote_anyway', 'cancel_and_roll_back', 'edit_env', 'queue_it', 'override_freeze', 'take_lock',
] as const satisfies readonly ActionId[]

/** What `readRemembered` undoes. */
export const rememberedText = (rack: string, text: string): string => `@${rack}/${text}`

const markButton = (rack: string, button: Button): Button =>
  (button.value !== undefined && aboutApps.some((id) => id === button.action_id) ? { ...button, value: rememberedText(rack, button.value) } : button)

const markBlock = (rack: string, block: KnownBlock): KnownBlock => {
  if (block.type === 'actions') return { ...block, elements: block.elements.map((element) => (element.type === 'button' ? markButton(rack, element) : element)) }
  if (block.type === 'section' && block.accessory?.type === 'button') return { ...block, accessory: markButton(rack, block.accessory) }
  return block
}

const markView = (rack: string, view: ModalView): ModalView => (view.private_metadata === undefined || view.private_metadata === '' ? view : { ...view, private_metadata: rememberedText(rack, view.private_metadata) })

/** The message, whose buttons and printed commands say the rack it was made on. With one rack, or none known, it stays as it is. Pure. */
export const markMessage = (rack: string | null, racks: readonly unknown[], message: Message): Message => {
  if (rack === null || racks.length < 2) return message
  const said = messageOn(rack, message)
  return { ...said, blocks: said.blocks.map((block) => markBlock(rack, block)) }
}

/** The surface, whose buttons, modals and printed commands say the rack they were made on. With one rack nothing changes. */
export const rememberRack = (slack: SlackSurface, rack: string | null, racks: readonly unknown[]): SlackSurface =>
  (rack === null || racks.length < 2 ? slack : {
    ...slack,
    answer: (message, options) => slack.answer(markMessage(rack, racks, message), options),
    openModal: (view) => slack.openModal(markView(rack, view)),
    updateModal: (id, view) => slack.updateModal(id, markView(rack, view)),
  })

/** What a button or a modal said, and the rack it was made on; null where it does not say. Throws `UsageFailure` for a rack that is gone. */
export const readRemembered = (text: string, racks: readonly Operations[]): { readonly rack: Operations | null; readonly text: string } => {
  const [whole, name] = /^@([a-z][a-z0-9-]{0,29})\//.exec(text) ?? []
  if (whole === undefined || name === undefined) return { rack: null, text }
  const rack = racks.find((one) => one.rack === name)
  if (rack === undefined) throw new UsageFailure({ code: 'rack_unknown', rack: name, racks: racks.map((one) => one.rack) })
  return { rack, text: text.slice(whole.length) }
}

/** The rack a context is on, for words: it is named where there are several. */
export const whereOf = ({ rack, racks }: Pick<Context, 'rack' | 'racks'>): Where => ({ rack: rack.rack, severalRacks: racks.length > 1 })

/** The context on a rack: what it shows from now on remembers that one. */
export const onRack = <Of extends Context>(context: Of, rack: Operations): Of => {
  const plainSlack = context.plainSlack ?? context.slack
  context.noteRack?.(rack.rack)
  return { ...context, rack, plainSlack, slack: rememberRack(plainSlack, rack.rack, context.racks) }
}

import { elementsOf } from './block-rules.ts'
import type { Block } from './blocks/blocks.ts'
import { optionsOf, type FormValues, type Given } from './element-values.ts'
import type { InteractiveElement } from './blocks/elements.ts'
import type { ConfirmDialog } from './blocks/text.ts'
import type { Interactions } from './interactions.ts'
import type { ClickOutcome, CommandOutcome, Target } from './wiring.ts'
import { nameOf } from './membership.ts'
import type { Ephemeral, Message, View } from './records.ts'
import type { Saying } from './saying.ts'
import type { Workspace } from './store.ts'
import type { SubmitOutcome } from './submission.ts'
import { transcriptOf } from './transcript.ts'
import { keepUpload } from './uploads.ts'
import type { Views } from './views.ts'
import { deleteMessage } from './web-api/chat.ts'

/** What a click may need: an option's label or value, a person's id, a typed text; the answer to a dialog; other fields of the same message. */
export type ClickOptions = { option?: string; options?: string[]; value?: string; confirm?: 'confirm' | 'deny'; values?: FormValues }
/** A click's outcome; `dialog` is the confirm dialog that was shown, as text. `denied`: the person said no, nothing was sent. */
export type Clicked = ClickOutcome & { dialog?: { title: string; text: string; confirm: string; deny: string }; denied?: boolean }

/** One person at work, for tests. Whatever a person cannot do (an absent button, another's channel) throws. */
export interface Actor {
  command: (channel: string, text: string, options?: { thread?: string }) => Promise<CommandOutcome>
  say: (channel: string, text: string, options?: Saying) => Message
  /** Changes the words of one's own message. */
  edit: (message: Message, text: string) => Message
  /** Uploads a file, for `say` or a file input to hand on: its id. */
  upload: (name: string, content: string | Buffer) => string
  /** Clicks a button, or picks an option of a menu, by action_id or label. In a view: pass the view. */
  click: (on: Message | Ephemeral | View, actionIdOrLabel: string, options?: ClickOptions) => Promise<Clicked>
  /** What an external select offers for `query`. */
  suggest: (on: Message | Ephemeral | View, actionId: string, query: string) => Promise<{ ok: boolean; options: string[] }>
  /** Submits a modal. Values by block_id, label or action_id: a text, an option's label or value, or several. */
  submit: (view: View, values?: Record<string, Given>) => Promise<SubmitOutcome>
  closeView: (view: View, all?: boolean) => Promise<void>
  /** The modal on top. Undefined when none is open. */
  openView: () => View | undefined
  /** Opens the app's direct message and home. The answer is the direct message's id. */
  openHome: () => string
  /** Whether the person is in that channel. */
  sees: (channel: string) => boolean
  dismiss: (ephemeral: Ephemeral) => void
  deleteMessage: (message: Message) => void
  /** What only this person sees in a channel, oldest first. */
  ephemerals: (channel: string) => Ephemeral[]
}

const textOf = (text: { text: string }) => text.text

const matching = (block: Block, wanted: string): InteractiveElement | undefined => {
  const elements = elementsOf(block).map((one) => one.element)
  return (
    elements.find((element) => element.action_id === wanted) ??
    elements.find((element) => element.type === 'button' && element.text.text === wanted) ??
    elements.find((element) => optionsOf(element).some((one) => textOf(one.text) === wanted))
  )
}

const find = (blocks: Block[], wanted: string): { block: Block; element: InteractiveElement } => {
  for (const block of blocks) {
    const element = matching(block, wanted)
    if (element) return { block, element }
  }
  const there = blocks.flatMap((block) =>
    elementsOf(block).flatMap(({ element }) => [
      element.action_id ?? '',
      element.type === 'button' ? `(${element.text.text})` : '',
      ...optionsOf(element).map((one) => textOf(one.text)),
    ]),
  )
  throw new Error(`there is nothing to click called "${wanted}", only: ${there.filter((one) => one !== '').join(', ') || 'nothing'}`)
}

/** An option's value, from its value or its label. */
const valueOf = (element: InteractiveElement, labelOrValue: string): string =>
  optionsOf(element).find((one) => textOf(one.text) === labelOrValue)?.value ?? labelOrValue

const dialogOf = (dialog: ConfirmDialog) => ({ title: dialog.title.text, text: dialog.text.text, confirm: dialog.confirm.text, deny: dialog.deny.text })

const isView = (on: Message | Ephemeral | View): on is View => 'body' in on
const targetOf = (on: Message | Ephemeral | View): Target => (isView(on) ? { kind: 'view', view: on.id } : { kind: 'message', channel: on.channel, ts: on.ts })

/** What `user` can do, as functions for tests. */
export const actAs = (workspace: Workspace, views: Views, interactions: Interactions, user: string): Actor => {
  /** The message as it is now: a card is redrawn while a test holds an older copy of it. */
  const fresh = (on: Message | Ephemeral | View): Block[] => {
    if (isView(on)) return workspace.view(on.id)?.body.blocks ?? on.body.blocks
    return (workspace.message(on.channel, on.ts) ?? workspace.ephemeral(on.channel, on.ts) ?? on).blocks ?? []
  }
  return {
    command: (channel, text, options = {}) => interactions.command(user, channel, text, options.thread),
    say: (channel, text, options = {}) => interactions.say(user, channel, text, options),
    edit: (message, text) => interactions.edit(user, message, text),
    upload: (name, content) => keepUpload(workspace, user, name, Buffer.from(content)).id,
    click: async (on, wanted, options = {}) => {
      const { block, element } = find(fresh(on), wanted)
      const label = optionsOf(element).find((one) => textOf(one.text) === wanted)
      const given: Given =
        options.options?.map((one) => valueOf(element, one)) ??
        (options.option === undefined ? (label?.value ?? options.value ?? null) : valueOf(element, options.option))
      const dialog = 'confirm' in element && element.confirm ? dialogOf(element.confirm) : undefined
      if (dialog && options.confirm === 'deny') return { ok: true, dialog, denied: true }
      const outcome = await interactions.click(user, targetOf(on), block.block_id ?? '', element.action_id ?? '', given, options.values)
      return dialog ? { ...outcome, dialog } : outcome
    },
    suggest: async (on, wanted, query) => {
      const { block, element } = find(fresh(on), wanted)
      const { ok, options } = await interactions.suggest(user, targetOf(on), block.block_id ?? '', element.action_id ?? '', query)
      return { ok, options: options.map((one) => one.value) }
    },
    submit: async (view, values = {}) => {
      const form: FormValues = {}
      const blocks = fresh(view)
      for (const [key, given] of Object.entries(values)) {
        const block = blocks.find(
          (one) => one.block_id === key || (one.type === 'input' && one.label.text === key) || elementsOf(one).some(({ element }) => element.action_id === key),
        )
        const element = block && (elementsOf(block).find((one) => one.element.action_id === key) ?? elementsOf(block)[0])?.element
        if (!block || !element) throw new Error(`the modal has no field "${key}"`)
        const picked = Array.isArray(given) ? given.map((one) => valueOf(element, one)) : given === null ? null : valueOf(element, given)
        form[block.block_id ?? ''] = { ...form[block.block_id ?? ''], [element.action_id ?? '']: picked }
      }
      return interactions.submit(user, view.id, form)
    },
    closeView: (view, all) => interactions.closeView(user, view.id, all),
    openView: () => views.stack(user).at(-1),
    openHome: () => interactions.openHome(user),
    sees: (channel) => workspace.channel(channel)?.members.includes(user) ?? false,
    dismiss: (ephemeral) => {
      if (ephemeral.to !== user) throw new Error(`${nameOf(workspace, user)} does not see that`)
      workspace.removeEphemeral(ephemeral.channel, ephemeral.ts)
    },
    deleteMessage: (message) => deleteMessage(workspace, message),
    ephemerals: (channel) => workspace.ephemerals(channel).filter((one) => one.to === user),
  }
}

/** What anybody could read. */
export const reading = (workspace: Workspace) => ({
  transcript: (channel: string) => transcriptOf(workspace, channel),
  seenBy: (user: string, channel: string) => transcriptOf(workspace, channel, { user }),
  messages: (channel: string) => workspace.messages(channel),
  thread: (message: Message) => workspace.messages(message.channel).filter((one) => one.thread === message.ts),
})

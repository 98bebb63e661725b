import { elementsOf } from './block-rules.ts'
import type { Block } from './blocks/blocks.ts'
import type { InteractiveElement } from './blocks/elements.ts'
import type { Option } from './blocks/text.ts'
import { initialOf, optionsOf, type FormValues, type Given } from './element-values.ts'
import { fileShape } from './web-api/shapes.ts'
import type { Workspace } from './store.ts'

const one = (given: Given): string | null => (Array.isArray(given) ? (given[0] ?? null) : given)
const all = (given: Given): string[] => (Array.isArray(given) ? given : given === null ? [] : [given])

/** The element's part of `state.values` and of an action. Throws when an option does not exist: a person cannot pick it. */
export const stateOf = (
  element: InteractiveElement,
  given: Given,
  context: { workspace: Workspace; origin: string; suggested: Map<string, Option> },
): Record<string, unknown> => {
  const pick = (value: string): Option => {
    const found =
      optionsOf(element).find((option) => option.value === value) ??
      context.suggested.get(value) ??
      ('initial_option' in element && element.initial_option?.value === value ? element.initial_option : undefined)
    if (!found) throw new Error(`there is no option "${value}" in ${element.action_id ?? element.type}`)
    return found
  }
  const value = one(given)
  switch (element.type) {
    case 'button':
      return {
        type: 'button',
        ...(element.value !== undefined ? { value: element.value } : {}),
        text: { emoji: true, ...element.text },
        ...(element.style ? { style: element.style } : {}),
      }
    case 'overflow':
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type: element.type, selected_option: value === null || value === '' ? null : pick(value) }
    case 'checkboxes':
    case 'multi_static_select':
      return { type: element.type, selected_options: all(given).map(pick) }
    case 'users_select':
      return { type: element.type, selected_user: value }
    case 'multi_users_select':
      return { type: element.type, selected_users: all(given) }
    case 'conversations_select':
      return { type: element.type, selected_conversation: value }
    case 'channels_select':
      return { type: element.type, selected_channel: value }
    case 'datepicker':
      return { type: element.type, selected_date: value }
    case 'file_input':
      return {
        type: element.type,
        files: all(given)
          .flatMap((id) => context.workspace.file(id) ?? [])
          .map((file) => fileShape(context.origin, file)),
      }
    default:
      return { type: element.type, value: value === null || value === '' ? null : value }
  }
}

/** Every element of these blocks with what it holds, given or initial. */
export const filled = (blocks: Block[], values: FormValues): { block: Block; element: InteractiveElement; given: Given }[] =>
  blocks.flatMap((block) =>
    elementsOf(block).map(({ element }) => {
      const given = values[block.block_id ?? '']?.[element.action_id ?? '']
      return { block, element, given: given === undefined ? initialOf(element) : given }
    }),
  )

const isEmpty = (given: Given) => given === null || given.length === 0

const complaint = (block: Block, element: InteractiveElement, given: Given): string | undefined => {
  if (block.type !== 'input') return undefined
  if (isEmpty(given)) return block.optional ? undefined : 'Please complete this required field.'
  if (element.type === 'plain_text_input' && typeof given === 'string') {
    if (given.length > (element.max_length ?? 3000)) return `Must be at most ${element.max_length ?? 3000} characters.`
    if (given.length < (element.min_length ?? 0)) return `Must be at least ${element.min_length ?? 0} characters.`
  }
  if (element.type === 'number_input' && typeof given === 'string') {
    const number = Number(given)
    if (Number.isNaN(number) || (!element.is_decimal_allowed && !Number.isInteger(number))) return 'Must be a number.'
    if (number < Number(element.min_value ?? -Infinity) || number > Number(element.max_value ?? Infinity))
      return `Must be between ${element.min_value ?? '-∞'} and ${element.max_value ?? '∞'}.`
  }
  return undefined
}

/** What Slack's own client complains about before it sends a modal, by block_id. */
export const complaints = (blocks: Block[], values: FormValues): Record<string, string> => {
  const found: Record<string, string> = {}
  for (const { block, element, given } of filled(blocks, values)) {
    const text = complaint(block, element, given)
    if (text !== undefined) found[block.block_id ?? ''] = text
  }
  return found
}

/** `state.values` of a view or message. Buttons and overflow menus have none. */
export const stateValues = (blocks: Block[], values: FormValues, context: Parameters<typeof stateOf>[2]): Record<string, Record<string, unknown>> => {
  const state: Record<string, Record<string, unknown>> = {}
  for (const { block, element, given } of filled(blocks, values)) {
    if (element.type === 'button' || element.type === 'overflow') continue
    const row = (state[block.block_id ?? ''] ??= {})
    row[element.action_id ?? ''] = stateOf(element, given, context)
  }
  return state
}

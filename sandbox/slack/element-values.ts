import type { InteractiveElement } from './blocks/elements.ts'
import type { Option } from './blocks/text.ts'

/** What somebody put into an element: a text, an option's value, a person's, channel's or file's id, or several of them. Null: emptied. */
export type Given = string | string[] | null
/** By block_id, then action_id. */
export type FormValues = Record<string, Record<string, Given>>

/** The options an element brings along; none for an external select. */
export const optionsOf = (element: InteractiveElement): Option[] => {
  if (element.type === 'static_select' || element.type === 'multi_static_select')
    return [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)]
  if (element.type === 'checkboxes' || element.type === 'radio_buttons' || element.type === 'overflow') return element.options
  return []
}

/** What an element holds before anybody touches it. */
export const initialOf = (element: InteractiveElement): Given => {
  if ('initial_value' in element) return element.initial_value ?? null
  if ('initial_option' in element) return element.initial_option?.value ?? null
  if ('initial_options' in element) return element.initial_options?.map((one) => one.value) ?? []
  if ('initial_user' in element) return element.initial_user ?? null
  if ('initial_users' in element) return element.initial_users ?? []
  if ('initial_conversation' in element) return element.initial_conversation ?? null
  if ('initial_channel' in element) return element.initial_channel ?? null
  if ('initial_date' in element) return element.initial_date ?? null
  return null
}

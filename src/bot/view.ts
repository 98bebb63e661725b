import type { CallbackId } from './action-ids.ts'
import type { Context, FieldValue, SubmissionErrors } from './context.ts'
import type { Refusal } from '../rack/refusal.ts'

export type Fields = Readonly<Record<string, FieldValue>>

/** What happens when a modal is submitted. */
export interface View {
  readonly id: CallbackId
  /** What can be said at once under the fields; null when nothing is wrong. Pure. */
  readonly check: (fields: Fields) => SubmissionErrors
  readonly run: (context: Context, metadata: string, fields: Fields) => Promise<void>
  /** A refusal of the rack that belongs under a field; null for the others, which close the modal and are answered. Pure. */
  readonly under: (refusal: Refusal, fields: Fields) => SubmissionErrors
}

export const defineView = (view: View): View => view

/** The text of a field; '' when it is empty or missing. */
export const textOf = (fields: Fields, name: string): string => {
  const value = fields[name]
  return typeof value === 'string' ? value : ''
}

/** The chosen values of a field of several. */
export const listOf = (fields: Fields, name: string): readonly string[] => {
  const value = fields[name]
  return typeof value === 'string' ? [value] : (value ?? [])
}

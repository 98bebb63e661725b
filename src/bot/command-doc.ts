import type { Role } from '../rack/actor.ts'

/** What help says of a command: the part of its definition that is words. */
export interface CommandDoc {
  /** As typed, such as `releases promote`. */
  readonly name: string
  readonly summary: string
  readonly args: readonly { readonly name: string; readonly what: string; readonly required: boolean; readonly many?: boolean }[]
  /** `value` is how help writes it; absent for a switch or by `kind`. */
  readonly flags: readonly { readonly name: string; readonly short?: string; readonly kind: string; readonly value?: string; readonly bare?: string; readonly needed?: boolean; readonly what: string }[]
  readonly role: Role
  /** A whole line to copy, without `/convox`. */
  readonly example: string
  readonly notes?: readonly string[]
}

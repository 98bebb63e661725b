import type { RoleHere, UnreadGroup } from './people.ts'

/** What a person may do; each role includes the ones before it (design 6). */
export const roles = ['viewer', 'deployer', 'approver', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who acts: identified at the moment of acting, never from a button's value. */
export interface Actor {
  /** Slack id. */
  readonly id: string
  /** Display name without @, for plain text. */
  readonly name: string
  /** What they may do where no place is meant; with roles per rack, the least of all places. */
  readonly role: Role
  /** What they may do on a rack, or for one app of it; absent: the same everywhere. */
  readonly at?: (rack: string, app: string | null) => RoleHere
  /** Groups that could not be read and may have given them another role there. */
  readonly unread?: readonly UnreadGroup[]
  /** The Slack workspace the person is of. */
  readonly team?: string
}

/** True when `role` includes `needed`. */
export const includesRole = (role: Role, needed: Role): boolean => roles.indexOf(role) >= roles.indexOf(needed)

/** What a person may do; each role includes the ones before it (design 6). */
export const roles = ['viewer', 'deployer', 'approver', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who acts: identified at the moment of acting, never from a button's value. */
export interface Actor {
  /** Slack id. */
  readonly id: string
  /** Display name without @, for plain text. */
  readonly name: string
  readonly role: Role
  /** The Slack workspace the person is of. */
  readonly team?: string
}

/** True when `role` includes `needed`. */
export const includesRole = (role: Role, needed: Role): boolean => roles.indexOf(role) >= roles.indexOf(needed)

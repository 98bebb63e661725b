import type { PlainObject } from '../cluster/objects.ts'

const asksItself = ({ spec }: PlainObject): boolean => typeof spec === 'object' && spec !== null && 'replicas' in spec

/**
 * Processes that the release wants, from what was sent and what was answered. A zero that we did not ask for is somebody else's number: it stands where
 * it stood before the promotion, and one that came since is no wish of the release. `before` holds the numbers from then, by uid; undefined when nobody kept them.
 */
export const askedFor = (sent: PlainObject, answered: { readonly uid: string; readonly replicas?: number }, before: Readonly<Record<string, number>> | undefined): number | undefined =>
  answered.replicas !== 0 || asksItself(sent) || before === undefined ? answered.replicas : (before[answered.uid] ?? 1)

import { isGroupId } from '../../rack/roles.ts'
import { code, enumerated, nameOf, person, type Names, type Phrase, type Span } from './phrase.ts'

/** A user group by its handle: as code, because a mention would notify everybody in it (cards.md 1.8). */
export const groupName = (id: string, names: Names): Span => code(`@${nameOf(id, names)}`)

/** One approver: a person is mentioned, a group is named. */
export const approver = (id: string, names: Names): Span => (isGroupId(id) ? groupName(id, names) : person(id))

/** At most five of them, as in `@bo, @cy or @release-team`. */
export const approvers = (ids: readonly string[], last: 'and' | 'or', names: Names): Phrase => enumerated(ids.slice(0, 5).map((id) => approver(id, names)), last)

import type { Place } from './place.ts'

/** A story: what its people do and what they must see, in any place. `app` is its own. */
export interface Telling {
  /** A present-tense sentence. */
  readonly title: string
  readonly app: string
  tell(place: Place, app: string): Promise<void>
}

/** Something that everybody in the app's channel should hear though no promotion moves: said once, in the thread of the active release and in the channel. */
export type Announcement =
  /** Somebody else changed or deleted what the active release runs as; `manager` is the cluster's name for them, absent when it is not known. */
  | { readonly kind: 'drift'; readonly at: string; readonly service: string; readonly what: 'changed' | 'deleted'; readonly manager?: string }

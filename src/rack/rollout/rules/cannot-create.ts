import { atLeastOne, causeAt } from '../finding.ts'
import type { Rule } from '../finding.ts'
import { kubeletCatchesUp, runtimeTrouble } from '../node-trouble.ts'
import { places, sinceOf } from '../places.ts'

/** A Secret made a moment after the pod arrives within this (rollouts.md 2, rule 2). In ms. */
export const createGrace = 3_000

const reasons = new Set([
  'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError', 'ContainerCannotRun',
  'PreCreateHookError', 'PreStartHookError', 'PostStartHookError',
])
/** Those that the container runtime gives: its message may tell of its node's trouble. */
export const runtimeReasons = new Set(['CreateContainerError', 'RunContainerError', 'ContainerCannotRun'])

/** `secret "nope"`, `configmap "x"`, `key "K" of secret "s"`: the object a kubelet's message misses; undefined when it misses none. */
export const missingObject = (message: string): string | undefined => {
  const object = /(secrets?|configmaps?|persistentvolumeclaims?) "([^"]+)" (?:is )?not found/i.exec(message)
  if (object) return `${(object[1] ?? '').toLowerCase().replace(/s$/, '')} "${object[2] ?? ''}"`
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) (?:[^\s/]+\/)?(\S+)/i.exec(message)
  return key ? `key "${key[1] ?? ''}" of ${(key[2] ?? '').toLowerCase()} "${key[3] ?? ''}"` : undefined
}

/** The container cannot be created: still so after 3 s, or on a second pod. */
export const cannotCreate: Rule = (view) => {
  const stuck = places(view).filter(({ container: { waiting } }) =>
    reasons.has(waiting?.reason ?? '') && !kubeletCatchesUp(waiting?.message) && !(runtimeReasons.has(waiting?.reason ?? '') && runtimeTrouble(waiting?.message)))
  const failing = atLeastOne(stuck)
  if (!failing) return []
  const since = Math.min(...failing.map((place) => sinceOf(view, place)))
  const second = new Set(failing.map((place) => place.pod.meta.uid)).size >= 2
  const object = missingObject(failing[0].container.waiting?.message ?? '')
  const cause = causeAt(view, object === undefined ? 'cannot_start' : 'missing_object', 'cannot-create', failing, since, object === undefined ? {} : { object })
  return [{ dueAt: second ? since : since + createGrace, cause }]
}

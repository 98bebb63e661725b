import type { LostReason } from '../../rack/electorate.ts'
import type { DigestPart, Warning } from '../../rack/progress.ts'
import { code, person, say, secs, type Phrase } from './phrase.ts'
import { shortImage } from './causes.ts'
import { cleanText, cut } from './plain-text.ts'
import { duration } from './times.ts'

/** Which part of what was approved moved since, and to what (cards.md 2.2). */
export const movedPart = (part: DigestPart, value: string): Phrase => {
  switch (part) {
    case 'active': return value === '' ? say`no release is active now` : say`the active release is now ${code(value)}`
    case 'policy': return /^\d+$/.test(value) ? say`approvals needed are now ${value}` : say`who may approve changed`
    case 'deadline': {
      const [, stability] = /^stability:(\d+)$/.exec(value) ?? []
      if (stability !== undefined) return say`it is watched for ${duration(Number(stability))} now`
      return say`the deadline is now ${/^\d+$/.test(value) ? duration(Number(value)) : value}`
    }
    case 'release': return value === '' ? say`the release changed` : say`the release is now ${code(value)}`
    case 'images': return say`the images changed`
    // A value of the environment must never get here, so that whatever came is not shown.
    case 'env': return say`the env changed`
    case 'manifest': return say`the manifest changed`
    case 'target': return say`the target changed`
  }
}

const objectName = (object: string): Phrase => {
  const match = /^(\S+)[ /](\S+)$/.exec(object)
  return match?.[1] === undefined || match[2] === undefined ? say`${code(object)}` : say`${match[1]} ${code(match[2])}`
}

/** Why a vote no longer counts. */
export const lostWords = {
  left: 'no member of this workspace any more', list: 'not one of the app\'s approvers any more', role: 'no approver any more', requester: 'the same person asked for it',
} as const satisfies Record<LostReason, string>

/** What others said, at most so long (cards.md 1.10). */
const words = (text: string): string => cut(cleanText(text), 200)

/** A warning without its mark; no full stop where it is a fact in passing. */
export const warningText = (warning: Warning, release: string): Phrase => {
  switch (warning.kind) {
    case 'tag_not_pinned': return say`tag not pinned: ${code(warning.service)} runs what ${code(shortImage(warning.reference))} is then`
    case 'older': return say`${code(release)} is older than the active ${code(warning.active)}`
    case 'last_rollback_failed': return say`the last rollback failed, services may run different releases`
    case 'passes_lock': return say`passes the lock of ${person(warning.owner)}`
    case 'passes_freeze': return say`passes the freeze "${words(warning.reason)}"${warning.by === undefined ? [] : say`, overridden by ${person(warning.by)}`}`
    case 'takes_over': return say`takes ${code(warning.field)} of ${code(warning.service)} from ${code(warning.manager)}`
    case 'approvals_cleared': return say`approvals were cleared at ${secs(warning.at)}: ${movedPart(warning.part, warning.value)}`
    case 'approval_dropped': return say`the approval of ${person(warning.by)} no longer counts: ${lostWords[warning.why]}`
    case 'not_removed': return say`could not remove ${objectName(warning.object)}: ${words(warning.why)}.`
    case 'not_stopped': return say`could not scale ${objectName(warning.object)} to 0: ${words(warning.why)}. It may still be running.`
    case 'timer_suspended': return say`timer ${code(warning.timer)} stays suspended: ${words(warning.why)}`
    case 'pull_secret_not_copied': return say`could not copy the pull secret ${code(warning.secret)}: ${words(warning.why)}. Processes have the copy from before, if there is one.`
    case 'base_not_active': return say`built on ${code(warning.base)}, not on the active ${code(warning.active)}`
    case 'dry_run_unsupported': return say`${code(warning.object)} could not be checked beforehand: ${words(warning.why)}`
  }
}

/** `⚠️ Warning: …`: the mark, a space, its word. */
export const warningLine = (text: Phrase): Phrase => say`⚠️ Warning: ${text}`

/** Said while the cluster answers and takes nothing: in none of its own words, which may repeat what was sent. */
export const refusedText = ({ since, why }: { readonly since: string; readonly why: string }): Phrase => say`the cluster has refused a write since ${secs(since)}: ${why}. It is tried again.`

/** Said while the cluster does not answer. */
export const blindText = (since: string): Phrase => say`the cluster has not answered since ${secs(since)}. Nothing is judged, the deadline waits.`


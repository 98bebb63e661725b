import type { Cause } from '../../rack/cause.ts'
import { code, person, say, secs, type Names, type Phrase, nameOf } from './phrase.ts'
import { gistOf } from './gist.ts'
import { printedCommand, type OnRack } from './printed-command.ts'
import { cleanText, cut } from './plain-text.ts'
import { duration } from './times.ts'

const exit = (cause: Cause): string => (cause.exitCode === undefined ? '' : ` (exit ${cause.exitCode})`)

/** The few words of a cause, after the service's name: the same in `text`, thread, notice and lists (cards.md 4.1). */
export const shortOf = (cause: Cause, names: Names = {}): string => {
  switch (cause.kind) {
    case 'image_not_found': return 'image not found'
    case 'image_pull_refused': return 'image pull refused'
    case 'image_not_pulled': return 'image could not be pulled'
    case 'cannot_start': return 'container cannot start'
    case 'missing_object': return `${cut(cleanText(cause.object ?? 'object'), 80)} not found`
    case 'crashed_at_start': return `crashed at start${exit(cause)}`
    case 'exits_once_ready': return `exits once ready${exit(cause)}`
    case 'liveness_restarts': return 'restarted by its liveness check'
    case 'out_of_memory': return 'out of memory'
    case 'never_ready': return 'never became ready'
    case 'unschedulable': return 'no node can take it'
    case 'quota': return 'quota used up'
    case 'init_failed': return `init container failed${exit(cause)}`
    case 'refused': return 'refused by the cluster'
    case 'timed_out': return cause.deadline === undefined ? 'timed out' : `timed out after ${duration(cause.deadline)}`
    case 'changed_by': return `changed by ${managerOf(cause)}`
    case 'deleted_by': return `deleted by ${managerOf(cause)}`
    case 'namespace_deleted': return 'namespace is being deleted'
    case 'paused': return `paused by ${managerOf(cause)}`
    case 'scaled_to_zero': return `scaled to 0 by ${managerOf(cause)}`
    case 'timer_failed': return `timer failed${exit(cause)}`
    case 'too_few': return 'too few processes left'
    case 'required_env': return `required env: ${cut(cleanText((cause.keys ?? []).join(', ')), 80)}`
    case 'pull_secret': return cause.reason === 'NotFound' ? 'pull secret not found' : 'pull secret not readable'
    case 'not_possible': return 'no longer possible'
    case 'release_command_failed': return cause.deadline === undefined ? `release command failed${exit(cause)}` : `release command timed out after ${duration(cause.deadline)}`
    case 'own_error': return 'stopped by an error of Slipway'
    case 'cancelled': return cause.by === undefined ? 'cancelled' : `cancelled by ${nameOf(cause.by, names)}`
  }
}

/** Who changed it: the cluster's field manager, or that it is not known. */
export const managerOf = (cause: Cause): string => cut(cleanText(cause.manager ?? 'somebody else'), 60)

/** `web crashed at start (exit 1)`; without the service where the whole release failed. */
export const causeLine = (cause: Cause, names: Names = {}): string => {
  const short = shortOf(cause, names)
  // Of the whole release, though one service's image runs it.
  return cause.service === undefined || cause.kind === 'release_command_failed' ? short : `${cut(cleanText(cause.service), 63)} ${short}`
}

const words = (message: string | undefined): Phrase => (message === undefined || message === '' ? [] : say`: ${code(gistOf(message))}`)
/** The cluster's sentence at the end of ours: one full stop, theirs or ours. */
const told = (message: string | undefined): Phrase => say`${words(message)}${message?.endsWith('.') === true ? '' : '.'}`
const service = (cause: Cause): Phrase => (cause.service === undefined ? say`a service` : say`${code(cause.service)}`)
const processes = (cause: Cause): Phrase =>
  cause.affected === undefined ? [] : say`, on ${cause.affected.failing} of ${cause.affected.of} new processes`
const restarts = (cause: Cause): Phrase => {
  if (cause.restarts === undefined || cause.restarts === 0) return []
  return say`, ${cause.restarts} ${cause.restarts === 1 ? 'restart' : 'restarts'}`
}

/** `name:tag@sha256:` and twelve digits (cards.md 1.4). */
export const shortImage = (reference: string): string => reference.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1')

const imageOf = (cause: Cause): Phrase => (cause.image === undefined ? say`the image` : say`image ${code(shortImage(cause.image))}`)
const times = (cause: Cause): Phrase => {
  if (cause.restarts === undefined || cause.restarts < 1) return []
  return cause.restarts === 1 ? say`, twice` : say`, ${cause.restarts + 1} times`
}

/** Why, in one sentence; facts that are not known are left out. */
export const sentenceOf = (cause: Cause): Phrase => {
  const name = service(cause)
  switch (cause.kind) {
    case 'image_not_found':
      return cause.image === undefined ? say`The registry lacks the image of ${name}.` : say`The registry has no ${imageOf(cause)} for ${name}.`
    case 'image_pull_refused': return say`The registry refuses the image of ${name}${told(cause.message)}`
    case 'image_not_pulled': return say`${name} could not pull its image for 2 min${told(cause.message)}`
    case 'cannot_start': return say`The container of ${name} cannot start${told(cause.message)}`
    case 'missing_object': return say`${name} needs ${code(cause.object ?? 'an object')}, which its namespace lacks.`
    case 'crashed_at_start': return cause.exitCode === undefined
      ? say`${name} exits right after it starts${restarts(cause)}${processes(cause)}.`
      : say`${name} exits right after it starts: exit ${cause.exitCode}${restarts(cause)}${processes(cause)}.`
    case 'exits_once_ready': return say`${name} became ready, then exited${exitAfter(cause)}${times(cause)}.`
    case 'liveness_restarts': return say`${name} fails its liveness check${told(cause.message)}`
    case 'out_of_memory': return cause.memoryLimit === undefined
      ? say`${name} was killed because its node ran out of memory.`
      : say`${name} was killed at its memory limit of ${cause.memoryLimit} MiB${times(cause)}.`
    case 'never_ready': return cause.path === undefined
      ? say`${name} runs but is never ready${told(cause.message)}`
      : say`${name} runs but is never ready${words(cause.message)} at ${code(cause.path)}.`
    case 'unschedulable': return say`No node can take ${name}${told(cause.message)}`
    case 'quota': return say`The quota stops ${name}${told(cause.message)}`
    case 'init_failed': return cause.exitCode === undefined
      ? say`The init container of ${name} fails, so ${name} never starts.`
      : say`The init container of ${name} exits with ${cause.exitCode}, so ${name} never starts.`
    case 'refused': return cause.service === undefined
      ? say`The cluster refused the release${told(cause.message)}`
      : say`The cluster refused the release (new processes of ${name})${told(cause.message)}`
    case 'timed_out': return timedOut(cause, name)
    case 'changed_by': return say`${code(managerOf(cause))} changed ${name} at ${secs(cause.firstSeen)}, so we stopped and left it.`
    case 'deleted_by': return say`${code(managerOf(cause))} deleted ${name} at ${secs(cause.firstSeen)}, so we stopped and left it.`
    case 'namespace_deleted': return say`The app's namespace is being deleted, so we stopped.`
    case 'paused': return say`${code(managerOf(cause))} paused ${name}, so nothing moved${cause.deadline === undefined ? [] : say` for ${duration(cause.deadline)}`}.`
    case 'scaled_to_zero': return say`${code(managerOf(cause))} scaled ${name} to 0, so nothing of it ran to be proven${cause.deadline === undefined ? [] : say` within ${duration(cause.deadline)}`}.`
    case 'timer_failed': return cause.exitCode === undefined ? say`A run of the timer ${name} failed${told(cause.message)}` : say`A run of the timer ${name} failed: exit ${cause.exitCode}.`
    case 'too_few': return cause.ready === undefined
      ? say`${name} has too few processes left, because its new processes failed.`
      : say`${name} fell to ${cause.ready.ready} of ${cause.ready.of} ready${cause.minimum === undefined ? [] : say`, ${cause.minimum} is the minimum`}, because its new processes failed.`
    case 'required_env': return say`Could not start: ${code(shortOf(cause))}.`
    case 'pull_secret': {
      const secret = cause.object === undefined ? say`the rack's pull secret` : say`the rack's pull secret ${code(cause.object)}`
      if (cause.reason === 'NotFound') return say`Could not start: ${secret} does not exist.`
      return say`Could not start: Slipway may not read ${secret}${told(cause.message)}`
    }
    case 'not_possible': return say`Could not start${told(cause.message)}`
    case 'release_command_failed': return releaseCommandFailed(cause)
    case 'own_error': return say`Slipway could not go on with it, by an error of its own: id ${code(cause.reason ?? 'unknown')} in its log.`
    case 'cancelled':
      return cause.by === undefined ? say`It was cancelled at ${secs(cause.firstSeen)}.` : say`${person(cause.by)} cancelled it at ${secs(cause.firstSeen)}.`
  }
}

const releaseCommandFailed = (cause: Cause): Phrase => {
  const command = cause.command === undefined ? say`The release command` : say`The release command ${code(cut(cleanText(cause.command), 120))}`
  if (cause.deadline !== undefined) return say`${command} was stopped after ${duration(cause.deadline)}; no service was touched.`
  return cause.exitCode === undefined ? say`${command} failed; no service was touched.` : say`${command} failed with exit ${cause.exitCode}; no service was touched.`
}

const exitAfter = (cause: Cause): Phrase => {
  const after = cause.readyFor === undefined ? [] : say` after ${duration(cause.readyFor)}`
  return cause.exitCode === undefined ? after : say`: exit ${cause.exitCode}${after}`
}

const timedOut = (cause: Cause, name: Phrase): Phrase => {
  const after = cause.deadline === undefined ? [] : say` after ${duration(cause.deadline)}`
  const ready = cause.ready === undefined ? say`no single error explains it` : say`${cause.ready.ready} of ${cause.ready.of} ready, no single error explains it`
  return cause.service === undefined ? say`The rollout timed out${after}: ${ready}.` : say`${name} timed out${after}: ${ready}.`
}

/** Where the reader finds the log lines: under the notice, or (on a card, which has none) in its thread. */
export type LogPlace = 'below' | 'thread'

/** What to do about it, in one or two sentences. */
export const hintOf = (cause: Cause, place: LogPlace, view: OnRack): Phrase => {
  switch (cause.kind) {
    case 'image_not_found': return say`Push it again or import another; a clean-up may have deleted it.`
    case 'image_pull_refused': return say`Check the cluster's pull secret; some registries say this for a wrong name too.`
    case 'image_not_pulled': return say`Request it again when the registry answers; the release may be fine.`
    case 'cannot_start':
      return say`Check ${code('command')} in convox.yml, that the file is in the image and executable, and that the image is built for the nodes' CPU.`
    case 'missing_object': return say`Create it there, or take the reference out of convox.yml.`
    case 'crashed_at_start': return crashHint(cause.exitCode, place)
    case 'exits_once_ready': return say`Its start is fine: look at connections, background work, first requests.`
    case 'liveness_restarts': return say`Check ${code('liveness:')}; for a slow start add a ${code('startupProbe')}.`
    case 'out_of_memory': return cause.memoryLimit === undefined
      ? say`Raise ${code('scale.memory')}, so that a roomier node is chosen.`
      : say`Raise ${code('scale.limit.memory')} in convox.yml, or make it use less.`
    case 'never_ready': return say`Check ${code('health:')} and what it depends on; for a slow start add a ${code('startupProbe')}.`
    case 'unschedulable': return say`Lower ${code('scale.cpu')} or ${code('scale.memory')}, add nodes, or fix what is named.`
    case 'quota': return say`Have it raised, or lower ${code('deployment.maximum')}: old and new run side by side.`
    case 'init_failed': return place === 'below'
      ? say`It has to end with exit 0 first. The lines below are its own.`
      : say`It has to end with exit 0 first. Its last lines are in the thread.`
    case 'refused': return say`Change what it names in convox.yml, or ask who owns it.`
    case 'timed_out': return say`See the thread; if it is only slow, promote with ${code('--deadline 20m')}.`
    case 'changed_by':
    case 'deleted_by': return say`Find out who it is, then promote again: that takes it back.`
    case 'namespace_deleted': return say`Nothing can run in it any more. If that was a mistake, delete the app and create it again.`
    case 'paused': return say`Resume it with ${code('kubectl rollout resume')}, then request it again.`
    case 'scaled_to_zero': return say`Give it processes again with ${code('kubectl scale')}, then request it again.`
    case 'timer_failed': return say`Run its command by hand, or see its last lines: it fails the same way on schedule.`
    case 'too_few': return say`See the thread for why its new processes failed.`
    case 'required_env': return say`Set it with ${printedCommand(view, 'env set')}, then promote the release that makes.`
    case 'pull_secret': return cause.reason === 'NotFound'
      ? say`Create it there, or name another one in Slipway's settings; then request it again.`
      : say`Give Slipway's service account ${code('get')} on that Secret, as ${code('npm run rights')} shows; then request it again.`
    case 'not_possible': return say`Put right what it names, then request it again.`
    case 'release_command_failed': return say`Fix it, promote again; what it did stays.`
    case 'own_error': return say`Look that id up in the log and report it; the release may be fine.`
    case 'cancelled': return []
  }
}

/** Exit codes as the kernel and the shells give them: 128 + signal; 126 and 127 are a cause of their own. */
const crashHint = (exitCode: number | undefined, place: LogPlace): Phrase => {
  if (exitCode === 0) return say`A service must keep running; for work that ends use a timer or the release command.`
  if (exitCode === 134 || exitCode === 139) return say`It crashed in its own code.`
  if (exitCode === 137) return say`It was killed, and not for its memory limit: see its liveness check and its node.`
  if (exitCode === 143) return say`It was told to stop, often by a failing liveness check.`
  return place === 'below'
    ? say`Read the last lines below: often a missing env key or something it cannot reach.`
    : say`Read the last lines in the thread: often a missing env key or something it cannot reach.`
}

import { describe, expect, it } from 'vitest'
import { causeKinds, type Cause } from '../../../src/rack/cause.ts'
import { causeLine, hintOf, sentenceOf, shortOf } from '../../../src/bot/messages/causes.ts'
import { mrkdwn } from '../../../src/bot/messages/phrase.ts'
import { seen } from './support/seen.ts'
import { cy, hostile, iso, names } from './support/views.ts'

const cause = (kind: Cause['kind'], facts: Partial<Cause> = {}): Cause => ({ kind, rule: 'rule', service: 'web', firstSeen: iso('14:06:20'), ...facts })
const said = (of: Cause): string => seen(mrkdwn(sentenceOf(of)))
const hint = (of: Cause): string => seen(mrkdwn(hintOf(of, 'below', { app: 'shop', rack: 'prod', severalRacks: false })))

/** Cause, short, sentence, beginning of the hint: cards.md 4.1. */
const table: readonly (readonly [Cause, string, string, string])[] = [
  [cause('image_not_found', { image: `shop:1.4.2@sha256:b71aa04c55d1${'0'.repeat(52)}` }), 'image not found', 'The registry has no image `shop:1.4.2@sha256:b71aa04c55d1` for `web`.', 'Push it again or import another; a clean-up may have deleted it.'],
  [cause('image_pull_refused', { message: '401 Unauthorized' }), 'image pull refused', 'The registry refuses the image of `web`: `401 Unauthorized`.', 'Check the cluster\'s pull secret; some registries say this for a wrong name too.'],
  [cause('image_not_pulled', { message: '429 Too Many Requests' }), 'image could not be pulled', '`web` could not pull its image for 2 min: `429 Too Many Requests`.', 'Request it again when the registry answers; the release may be fine.'],
  [cause('cannot_start', { message: 'exec: "bin/web": executable file not found in $PATH' }), 'container cannot start', 'The container of `web` cannot start: `exec: "bin/web": executable file not found in $PATH`.', 'Check `command` in convox.yml, that the file is in the image and executable, and that the image is built for the nodes\' CPU.'],
  [cause('missing_object', { object: 'secret "nope"' }), 'secret "nope" not found', '`web` needs `secret "nope"`, which its namespace lacks.', 'Create it there, or take the reference out of convox.yml.'],
  [cause('crashed_at_start', { exitCode: 1, restarts: 1, affected: { failing: 2, of: 2 } }), 'crashed at start (exit 1)', '`web` exits right after it starts: exit 1, 1 restart, on 2 of 2 new processes.', 'Read the last lines below: often a missing env key or something it cannot reach.'],
  [cause('crashed_at_start', { exitCode: 0 }), 'crashed at start (exit 0)', '`web` exits right after it starts: exit 0.', 'A service must keep running; for work that ends use a timer or the release command.'],
  [cause('crashed_at_start', { exitCode: 139 }), 'crashed at start (exit 139)', '`web` exits right after it starts: exit 139.', 'It crashed in its own code.'],
  [cause('crashed_at_start', { exitCode: 137 }), 'crashed at start (exit 137)', '`web` exits right after it starts: exit 137.', 'It was killed, and not for its memory limit: see its liveness check and its node.'],
  [cause('crashed_at_start', { exitCode: 143 }), 'crashed at start (exit 143)', '`web` exits right after it starts: exit 143.', 'It was told to stop, often by a failing liveness check.'],
  [cause('exits_once_ready', { exitCode: 3, readyFor: 4, restarts: 1 }), 'exits once ready (exit 3)', '`web` became ready, then exited: exit 3 after 4 s, twice.', 'Its start is fine: look at connections, background work, first requests.'],
  [cause('liveness_restarts', { message: '… statuscode: 500' }), 'restarted by its liveness check', '`web` fails its liveness check: `… statuscode: 500`.', 'Check `liveness:`; for a slow start add a `startupProbe`.'],
  [cause('out_of_memory', { memoryLimit: 512, restarts: 1 }), 'out of memory', '`web` was killed at its memory limit of 512 MiB, twice.', 'Raise `scale.limit.memory` in convox.yml, or make it use less.'],
  [cause('out_of_memory'), 'out of memory', '`web` was killed because its node ran out of memory.', 'Raise `scale.memory`, so that a roomier node is chosen.'],
  [cause('never_ready', { message: 'statuscode: 503', path: '/health' }), 'never became ready', '`web` runs but is never ready: `statuscode: 503` at `/health`.', 'Check `health:` and what it depends on; for a slow start add a `startupProbe`.'],
  [cause('unschedulable', { message: '0/3 nodes are available: 3 Insufficient cpu.' }), 'no node can take it', 'No node can take `web`: `0/3 nodes are available: 3 Insufficient cpu.`', 'Lower `scale.cpu` or `scale.memory`, add nodes, or fix what is named.'],
  [cause('quota', { message: 'exceeded quota: q, requested: pods=1, …' }), 'quota used up', 'The quota stops `web`: `exceeded quota: q, requested: pods=1, …`.', 'Have it raised, or lower `deployment.maximum`: old and new run side by side.'],
  [cause('init_failed', { exitCode: 1 }), 'init container failed (exit 1)', 'The init container of `web` exits with 1, so `web` never starts.', 'It has to end with exit 0 first. The lines below are its own.'],
  [cause('refused', { message: 'no' }), 'refused by the cluster', 'The cluster refused the release (new processes of `web`): `no`.', 'Change what it names in convox.yml, or ask who owns it.'],
  [cause('timed_out', { deadline: 600, ready: { ready: 1, of: 2 } }), 'timed out after 10 min', '`web` timed out after 10 min: 1 of 2 ready, no single error explains it.', 'See the thread; if it is only slow, promote with `--deadline 20m`.'],
  [cause('changed_by', { manager: 'kubectl-edit' }), 'changed by kubectl-edit', '`kubectl-edit` changed `web` at 14:06:20, so we stopped and left it.', 'Find out who it is, then promote again: that takes it back.'],
  [cause('deleted_by', { manager: 'kubectl-edit' }), 'deleted by kubectl-edit', '`kubectl-edit` deleted `web` at 14:06:20, so we stopped and left it.', 'Find out who it is, then promote again: that takes it back.'],
  [cause('too_few', { ready: { ready: 0, of: 2 } }), 'too few processes left', '`web` fell to 0 of 2 ready, because its new processes failed.', 'See the thread for why its new processes failed.'],
  [cause('too_few', { ready: { ready: 0, of: 2 }, minimum: 1 }), 'too few processes left', '`web` fell to 0 of 2 ready, 1 is the minimum, because its new processes failed.', 'See the thread for why its new processes failed.'],
  [cause('namespace_deleted', { service: undefined }), 'namespace is being deleted', 'The app\'s namespace is being deleted, so we stopped.', 'Nothing can run in it any more. If that was a mistake, delete the app and create it again.'],
  [cause('paused', { manager: 'kubectl-rollout', deadline: 600 }), 'paused by kubectl-rollout', '`kubectl-rollout` paused `web`, so nothing moved for 10 min.', 'Resume it with `kubectl rollout resume`, then request it again.'],
  [cause('scaled_to_zero', { manager: 'kubectl', deadline: 600 }), 'scaled to 0 by kubectl', '`kubectl` scaled `web` to 0, so nothing of it ran to be proven within 10 min.', 'Give it processes again with `kubectl scale`, then request it again.'],
  [cause('timer_failed', { service: 'cleanup', exitCode: 1 }), 'timer failed (exit 1)', 'A run of the timer `cleanup` failed: exit 1.', 'Run its command by hand, or see its last lines: it fails the same way on schedule.'],
  [cause('required_env', { service: undefined, keys: ['A', 'B'] }), 'required env: A, B', 'Could not start: `required env: A, B`.', 'Set it with `/convox env set`, then promote the release that makes.'],
  [cause('pull_secret', { service: undefined, object: 'slipway/slipway-pull', reason: 'Forbidden', message: 'secrets "slipway-pull" is forbidden' }), 'pull secret not readable', 'Could not start: Slipway may not read the rack\'s pull secret `slipway/slipway-pull`: `secrets "slipway-pull" is forbidden`.', 'Give Slipway\'s service account `get` on that Secret, as `npm run rights` shows; then request it again.'],
  [cause('pull_secret', { service: undefined, object: 'slipway/slipway-pull', reason: 'NotFound' }), 'pull secret not found', 'Could not start: the rack\'s pull secret `slipway/slipway-pull` does not exist.', 'Create it there, or name another one in Slipway\'s settings; then request it again.'],
  [cause('not_possible', { service: undefined, message: 'the build is gone' }), 'no longer possible', 'Could not start: `the build is gone`.', 'Put right what it names, then request it again.'],
  [cause('release_command_failed', { command: 'bin/migrate', exitCode: 1 }), 'release command failed (exit 1)', 'The release command `bin/migrate` failed with exit 1; no service was touched.', 'Fix it, promote again; what it did stays.'],
  [cause('release_command_failed', { command: 'bin/migrate', deadline: 600 }), 'release command timed out after 10 min', 'The release command `bin/migrate` was stopped after 10 min; no service was touched.', 'Fix it, promote again; what it did stays.'],
  [cause('own_error', { service: undefined, reason: '7f3a' }), 'stopped by an error of Slipway', 'Slipway could not go on with it, by an error of its own: id `7f3a` in its log.', 'Look that id up in the log and report it; the release may be fine.'],
  [cause('cancelled', { by: cy }), 'cancelled by cy', '@cy cancelled it at 14:06:20.', ''],
]

describe('a cause', () => {
  it.each(table.map(([of, short, sentence, next]) => [short, of, sentence, next] as const))('"%s" has its sentence and hint of cards.md 4.1', (short, of, sentence, next) => {
    expect(shortOf(of, names)).toBe(short)
    expect(said(of)).toBe(sentence)
    expect(hint(of)).toBe(next)
  })

  it('of every kind is in that table', () => {
    expect(causeKinds.filter((kind) => !table.some(([of]) => of.kind === kind))).toEqual([])
  })

  it('leaves out what is not known', () => {
    for (const kind of causeKinds) {
      const bare: Cause = { kind, rule: 'rule', firstSeen: iso('14:06:20') }
      expect(`${said(bare)} ${shortOf(bare)} ${hint(bare)}`, kind).not.toMatch(/undefined|null|NaN|``|\(exit \)/)
    }
  })

  it('cuts the cluster\'s words at 200 and lets none of them be markup (cards.md 1.10)', () => {
    for (const kind of causeKinds) {
      const loud = cause(kind, { message: hostile.repeat(20), object: hostile, manager: hostile, image: hostile, path: hostile, service: hostile, keys: [hostile] })
      const text = mrkdwn(sentenceOf(loud)).replace(/<!date\^[^>]*>/g, '')
      expect(text, kind).not.toMatch(/[<>]/)
      for (const part of text.split('`')) expect(seen(part).length, kind).toBeLessThanOrEqual(200)
      expect(causeLine(loud), kind).not.toContain('`')
    }
  })
})

import type { CauseKind } from '../../src/rack/cause.ts'
import { limitPods } from './hands.ts'
import { manifestOf, patient, web } from './manifests.ts'
import type { CorpusScenario, Ending } from './scenario.ts'

type More = Partial<Omit<CorpusScenario, 'ends'>> & { readonly ends?: Partial<Ending> }

/** A second release of `web` with that tag, which that rule has to take back. */
const failing = (name: string, what: string, tag: string, rule: string, kind: CauseKind, { ends, ...more }: More = {}): CorpusScenario => ({
  name, what, class: 'failing', after: { web: tag }, ...more, ends: { status: 'rolled_back', rule, kind, service: 'web', ...ends },
})

const one = web({ scale: 1 })
/** No old process may go before a new one is there. */
const keepsAll = web({ more: ['deployment: {minimum: 100, maximum: 200}'] })

/** Everything here has to end rolled back, or failed where nothing moved. */
export const failingScenarios: readonly CorpusScenario[] = [
  failing('image-not-found', 'an image that is gone when the node pulls it', 'badimage', 'image-pull', 'image_not_found'),
  failing('image-refused', 'a registry that refuses the node', 'denied', 'image-pull', 'image_pull_refused'),
  failing('image-lost', 'a registry that is busy at first, and then has no such image', 'later-absent', 'image-pull', 'image_not_found'),
  failing('crash', 'a process that exits at once, again and again', 'crash', 'crash-loop', 'crashed_at_start'),
  failing('crash-alone', 'the same where there is only one process', 'crash', 'crash-loop', 'crashed_at_start', { manifest: one }),
  failing('flap', 'a process that is ready and then exits, again and again', 'exits-ready', 'exits-once-ready', 'exits_once_ready', { params: { stability: '10s' } }),
  failing('out-of-memory', 'a process that is killed for its memory twice', 'oom', 'out-of-memory', 'out_of_memory'),
  failing('exit-126', 'a command that may not be executed', 'exits-126', 'cannot-start', 'cannot_start'),
  failing('exit-127', 'a command that its shell does not find', 'exits-127', 'cannot-start', 'cannot_start'),
  failing('bad-command', 'a command that the runtime does not find', 'badcommand', 'cannot-start', 'cannot_start', { manifest: one }),
  failing('missing-secret', 'a Secret that does not exist', 'missingsecret', 'cannot-create', 'missing_object'),
  failing('missing-volume', 'a volume that can never be mounted', 'missingvolume', 'missing-mount', 'missing_object'),
  failing('quota', 'a quota without room for a new process', '1.4.1', 'failed-create', 'quota', {
    manifest: keepsAll, prepare: (scene) => limitPods(scene, 2).then(() => undefined), ends: { pod: false },
  }),
  failing('unschedulable', 'a process too large for every node', '1.4.1', 'unschedulable', 'unschedulable', { manifestAfter: web({ cpu: 900_000 }) }),
  failing('never-ready', 'a process whose health check never passes', 'notready', 'never-ready', 'never_ready'),
  failing('init-fails', 'an init container that exits with 1', 'initfails', 'init-container', 'init_failed', {
    manifestAfter: web({ more: ['initContainer: {command: bin/prepare}'] }),
  }),
  failing('pods-refused', 'an admission policy that refuses the pods', '1.4.1', 'failed-create', 'refused', {
    manifest: keepsAll, prepare: ({ stage, namespace }) => stage.refusePods(namespace), ends: { pod: false },
  }),
  failing('refused', 'an admission policy that refuses the release itself', '1.4.1', 'apply-refused', 'refused', {
    prepare: ({ stage, namespace }) => stage.refuseDeployments(namespace), ends: { status: 'failed', pod: false, service: undefined },
  }),
  failing('too-few', 'a release that leaves too few processes available', 'fades', 'too-few', 'too_few', { params: { stability: '15s' } }),
  {
    name: 'second-late', what: 'a second service that fails late, when the first one is done', class: 'failing', manifest: manifestOf({ web: {}, worker: { health: patient } }),
    after: { web: '1.4.1', worker: 'late-crash' }, ends: { status: 'rolled_back', rule: 'crash-loop', kind: 'crashed_at_start', service: 'worker' },
  },
  failing('liveness', 'a liveness check that kills a good start', 'warms-up', 'crash-loop', 'liveness_restarts', {
    manifestAfter: web({ health: patient, more: ['liveness: {path: /live, grace: 1, interval: 8, timeout: 1, failureThreshold: 2}'] }),
  }),
  failing('deadline', 'a process that is not ready in time, though its checks would allow it', 'notready', 'deadline', 'timed_out', {
    manifest: web({ health: '{path: /health, interval: 5, grace: 30, timeout: 1}' }), params: { deadline: '35s' },
  }),
]

import { scenarios } from '../../sandbox/kubelet/catalogue.ts'
import type { Run, Scenario } from '../../sandbox/kubelet/scenario.ts'
import { crashRun } from '../../sandbox/kubelet/scenarios/crash.ts'
import { goodRun } from '../../sandbox/kubelet/scenarios/good.ts'

/** How many times as fast as recorded containers live in the corpus. Times below are of the container's clock: ten of its seconds pass in one. */
export const corpusSpeed = 10

const fromShell = (code: 126 | 127, text: string): Run => ({ log: [{ at: 5, text }], exit: { after: 30, code, reason: 'Error' }, failing: 'connection refused' })

/** Behaviours that only the corpus needs, beside the catalogue of the sandbox. */
const own: readonly Scenario[] = [
  { tag: 'later-absent', what: 'The registry limits this node for 15 s; afterwards the image is gone.', pull: { limitedFor: 15_000, afterwards: 'absent' }, runs: [goodRun] },
  { tag: 'limited-minute', what: 'The registry answers 429 for a minute of the wall clock.', pull: { limitedFor: 60_000 * corpusSpeed }, runs: [goodRun] },
  { tag: 'not-replicated', what: 'The first pull finds no image, the second one does.', pull: { absentFor: 5_000 }, runs: [goodRun] },
  { tag: 'exits-126', what: 'Its shell may not execute the command.', runs: [fromShell(126, 'sh: 1: /srv/shop/server: Permission denied')] },
  { tag: 'exits-127', what: 'Its shell does not find the command.', runs: [fromShell(127, 'sh: 1: shop-server: not found')] },
  { tag: 'exits-ready', what: 'Is ready, and exits with code 3 after twenty seconds, again and again.', runs: [{ ...goodRun, exit: { after: 20_000, code: 3, reason: 'Error' } }] },
  { tag: 'fades', what: 'Is ready, and after forty seconds never again.', runs: [{ ...goodRun, unreadyAfter: 40_000 }] },
  { tag: 'late-crash', what: 'Works for forty seconds without being ready, then exits with code 1, again and again.', runs: [{ ...crashRun, exit: { after: 40_000, code: 1, reason: 'Error' } }] },
  { tag: 'turns-bad', what: 'Serves well for five minutes, and from then on crashes at every start.', runs: [{ ...goodRun, exit: { after: 300_000, code: 1, reason: 'Error' } }, crashRun] },
  { tag: 'warms-up', what: 'Serves after forty seconds.', runs: [{ ...goodRun, servesAfter: 40_000 }] },
  { tag: 'refuses-once', what: 'Listens a little after its first health check.', runs: [{ ...goodRun, servesAfter: 200 }] },
  { tag: 'sidecar-once', what: 'Restarts once, beside a good service.', runs: [crashRun, goodRun] },
]

/** Every tag of the corpus. */
export const corpusImages: readonly Scenario[] = [...scenarios, ...own]

import type { Terminated } from './facts.ts'

/** The kubelet's own cache of Secrets and ConfigMaps is behind; it gets over it. */
const passing = /failed to sync .* cache/i

/** True when a container waits for nothing but its kubelet. */
export const kubeletCatchesUp = (message: string | undefined): boolean => passing.test(message ?? '')

/** What a container runtime says when it is its own trouble, or its node's. A missing or wrong executable is not among it. */
const runtimeWords = new RegExp(
  [
    'deadline exceeded', 'time(d )?.?out', 'temporarily unavailable', 'no space left', 'too many open files', 'cannot allocate memory', 'cgroup', 'transport is closing',
    'connection (refused|reset)', 'failed to reserve container name',
  ].join('|'),
  'i',
)

/** Exit code 128 is the runtime's, not the program's: `ContainerCannotRun` with it is its node's trouble (krane), `StartError` only by its message. */
export const nodeTrouble = (exit: Pick<Terminated, 'exitCode' | 'reason' | 'message'>): boolean =>
  exit.exitCode === 128 && (exit.reason === 'ContainerCannotRun' || (exit.reason === 'StartError' && runtimeWords.test(exit.message ?? '')))

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

/** What it says of a command that cannot be executed, whatever else its name has in it (`timeout`). */
const commandWords = /executable file not found|no such file or directory|permission denied|exec format error|not a directory/i

/** True when a message of the runtime tells of its own trouble: the next try may go well. */
export const runtimeTrouble = (message: string | undefined): boolean => runtimeWords.test(message ?? '') && !commandWords.test(message ?? '')

/** Exit code 128 is the runtime's, not the program's: `ContainerCannotRun` with it is its node's trouble (krane), `StartError` only by its message. */
export const nodeTrouble = (exit: Pick<Terminated, 'exitCode' | 'reason' | 'message'>): boolean =>
  exit.exitCode === 128 && (exit.reason === 'ContainerCannotRun' || (exit.reason === 'StartError' && runtimeTrouble(exit.message)))

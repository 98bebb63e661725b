import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startProgram, type Program } from '../cluster/control-plane/program.ts'

/**
 * Runs commands side by side in mount and process namespaces of their own, as their init's children. Whatever they start (shims, containers)
 * dies with that init, whatever they mount goes with it, and it dies with us (program.ts), even at SIGKILL.
 * `/run`, `/var/lib` and `/var/log` are empty in there.
 */
export const startEnclosed = (name: string, commands: readonly string[], folder: string, path: string): Program => {
  const script = join(folder, 'init.sh')
  const lines = [
    '#!/bin/bash', 'set -e', `export PATH=${path}:$PATH`,
    // Volumes of pods are propagated within these namespaces, never to the machine.
    'mount --make-rshared /',
    ...['/run', '/var/lib', '/var/log'].map((place) => `mount -t tmpfs tmpfs ${place}`),
    ...commands.map((command) => `${command} &`),
    // The first that ends takes all with it.
    'wait -n', 'exit 1',
  ]
  writeFileSync(script, `${lines.join('\n')}\n`, { mode: 0o700 })
  const unshare = ['--mount', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc', '--propagation', 'private', 'bash', script]
  return startProgram(name, 'unshare', unshare, join(folder, `${name}.log`))
}

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { takeLock } from '../support/go-programs.ts'
import { folderPrefix, removeLeftovers } from './leftovers.ts'

/*
 * The janitor as a process of its own (janitor.ts starts it): it takes the lock of this machine's node, clears what an earlier one left, prints the path
 * of a fresh folder, and when its standard input ends, because its parent says so or has died in whatever way, it clears up and gives the lock back.
 */
const release = await takeLock(join(tmpdir(), 'slipway-node.lock'), () => process.stderr.write('node: waiting for another node of this machine to end\n'))
try {
  await removeLeftovers()
  process.stdout.write(`${mkdtempSync(join(tmpdir(), folderPrefix))}\n`)
  await text(process.stdin)
  await removeLeftovers()
} finally {
  release()
}

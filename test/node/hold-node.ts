import { readFileSync } from 'node:fs'
import { appProgram } from './programs.ts'
import { startRealCluster } from './start.ts'

/** A node as a process of its own, for the test that kills it: prints the node's registry once a pod may run, and waits. */
const program = readFileSync(await appProgram((line) => void process.stderr.write(`${line}\n`)))
const { registry, control } = await startRealCluster((registry) => registry.push('pause', '1', { program, entrypoint: ['/app', 'pause'] }))
process.stdout.write(`${control.kubeconfig} ${registry.address}\n`)
setInterval(() => {}, 60_000)

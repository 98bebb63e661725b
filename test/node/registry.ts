import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import { startProgram } from '../cluster/control-plane/program.ts'
import { freePort } from '../support/free-port.ts'
import { registryAt, type Registry } from './image.ts'
import { installed } from './machine.ts'

const isUp = async (url: string): Promise<boolean> => {
  try {
    const answer = await request(url)
    await answer.body.dump()
    return answer.statusCode === 200
  } catch (error) {
    // Nobody listens yet.
    if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') return false
    throw error
  }
}

/** Starts Debian's docker-registry on a free port of 127.0.0.1, with its files in this folder. */
export const startDockerRegistry = async (folder: string): Promise<Registry & { stop(): Promise<void> }> => {
  const address = `127.0.0.1:${await freePort()}`
  const config = join(folder, 'registry.json')
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({
    version: '0.1', log: { level: 'warn' }, http: { addr: address },
    storage: { filesystem: { rootdirectory: join(folder, 'registry') }, delete: { enabled: true } },
  }))
  const program = startProgram('docker-registry', installed.registry, ['serve', config], join(folder, 'registry.log'))
  const deadline = Date.now() + 10_000
  while (!(await isUp(`http://${address}/v2/`))) {
    if (program.ended() || Date.now() > deadline) {
      await program.stop('SIGKILL')
      throw new Error(`the registry did not start:\n${program.tail()}`)
    }
    await pause(50)
  }
  return { ...registryAt(address), stop: () => program.stop('SIGKILL') }
}

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

const version = '1.36.1'

/** What is built, module by module. etcd's version: the one that Kubernetes 1.36 ships with (go.mod). */
const modules = [
  { folder: 'etcd', packages: ['go.etcd.io/etcd/server/v3'], output: 'etcd', ldflags: '-s -w' },
  {
    folder: 'kubernetes',
    packages: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => `k8s.io/kubernetes/cmd/${name}`),
    output: '.',
    // Without these `--version` says v0.0.0-master.
    ldflags: ['-s -w', `gitVersion=v${version}`, 'gitMajor=1', 'gitMinor=36'].join(' -X k8s.io/component-base/version.'),
  },
] as const

/** Go is needed to build the control plane and is not there. */
export class GoMissing extends Error {}

const source = import.meta.dirname

/** Where the built programs are kept: one folder per go.mod, go.sum and flags. */
export const binariesFolder = (): string => {
  const hash = createHash('sha256')
  for (const { folder, packages, ldflags } of modules) {
    for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(source, folder, file)))
    hash.update(JSON.stringify([packages, ldflags]))
  }
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return join(cache, 'slipway', 'control-plane', hash.digest('hex').slice(0, 16))
}

/** Runs Go and passes on what it says; throws with its last lines when it fails. */
const go = async (args: string[], folder: string, say: (line: string) => void): Promise<void> => {
  const child = spawn('go', args, { cwd: join(source, folder), env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' }, stdio: ['ignore', 'ignore', 'pipe'] })
  const last: string[] = []
  let packages = 0
  createInterface(child.stderr).on('line', (line) => {
    last.push(line)
    if (last.length > 20) last.shift()
    // `go build -v` names each package: one line in two hundred is progress enough.
    if (++packages % 200 === 0) say(`${folder}: ${packages} packages`)
  })
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject('code' in error && error.code === 'ENOENT' ? new GoMissing('no `go` on the PATH', { cause: error }) : error))
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`go ${args[0]} in ${folder} exited with ${code}:\n${last.join('\n')}`))))
  })
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code === 'EPERM'
    throw error
  }
}

const isThere = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EEXIST'

/** Holds the lock while it works. A lock whose process is gone is taken over. */
const locked = async (lock: string, say: (line: string) => void, work: () => Promise<void>): Promise<void> => {
  for (let waited = 0; ; waited++) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (!isThere(error)) throw error
      if (waited % 30 === 0) say('waiting for another build of the control plane')
      await pause(1_000)
      if (!existsSync(lock)) continue
      const holder = Number(readFileSync(lock, 'utf8'))
      // A young empty lock belongs to somebody who is about to write his number.
      if (holder > 0 ? !isAlive(holder) : Date.now() - statSync(lock).mtimeMs > 10_000) rmSync(lock, { force: true })
    }
  }
  try {
    await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/**
 * The folder with etcd, kube-apiserver, kube-controller-manager and kube-scheduler, built there when it is not yet.
 * Takes about five minutes the first time. Throws GoMissing when they must be built and there is no Go.
 */
export const controlPlaneBinaries = async (say: (line: string) => void): Promise<string> => {
  const folder = binariesFolder()
  if (existsSync(folder)) return folder
  mkdirSync(join(folder, '..'), { recursive: true })
  await locked(`${folder}.lock`, say, async () => {
    if (existsSync(folder)) return
    const fresh = `${folder}.${process.pid}.new`
    rmSync(fresh, { recursive: true, force: true })
    mkdirSync(fresh)
    say(`building etcd and Kubernetes ${version} once, about five minutes, into ${folder}`)
    try {
      for (const { folder: module, packages, output, ldflags } of modules) {
        say(`${module}: building`)
        await go(['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', ldflags, '-o', join(fresh, output), ...packages], module, say)
      }
      renameSync(fresh, folder)
      say('the control plane is built')
    } finally {
      rmSync(fresh, { recursive: true, force: true })
    }
  })
  return folder
}

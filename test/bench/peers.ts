import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { replayWatch } from '../../src/rack/recorder/replay-watch.ts'
import { builtPrograms } from '../support/go-programs.ts'
import { watchLines } from './measure.ts'
import type { BenchPlace } from './place.ts'
import { columns } from './statistics.ts'

/** kubectl and Helm, from one module of ours. */
const modules = [{ folder: join(import.meta.dirname, 'peers-programs'), packages: ['./kubectl', 'helm.sh/helm/v4/cmd/helm'], output: '.', ldflags: '-s -w' }]

interface Ran { readonly code: number | null; readonly text: string; readonly at: number }

const run = (program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, text, at: Date.now() }))
  })

const must = async (ran: Promise<Ran>): Promise<Ran> => {
  const done = await ran
  if (done.code !== 0) throw new Error(`a peer failed where it must not: ${done.text}`)
  return done
}

/** The same Deployment as a plain manifest and as a chart: two processes with a readiness check. */
const deployment = (image: string, more = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  minReadySeconds: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 2
      containers:
        - name: main
          image: ${image}
          ports: [{containerPort: 5000}]
          resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 64Mi}}
          readinessProbe: {httpGet: {path: /, port: 5000}, periodSeconds: 2, timeoutSeconds: 1}
${more}`

/** Classes whose fault an image tag alone makes. */
const faults: readonly (readonly [name: string, tag: string])[] = [['crash at once', 'crash'], ['image not found', 'badimage'], ['missing secret', 'missingsecret'], ['never ready', 'notready'], ['ready then exits', 'flap']]

/** Seconds from the deciding event (this judge's, over what the observer saw) to each peer's word, and to its old release being back; null where it never says so. */
interface Compared { readonly verdict: number | null; readonly back: number | null; readonly said: string }

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 70) ?? ''

const makeNamespace = (place: BenchPlace, name: string): Promise<unknown> => place.kube.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

/** Between the two writes of a peer: when this judge would have known. */
const decidedAt = async (place: BenchPlace, namespace: string, from: number, back: number | undefined): Promise<number> => {
  const frames = await place.observer.end(namespace)
  const epoch = frames[0]?.at ?? from
  const { entries } = replayWatch(watchLines(frames, epoch, new Date(from), back === undefined ? undefined : new Date(back)), { epoch: new Date(epoch), deadline: 3_600, stability: 60_000 })
  const failed = entries.find((entry) => entry.kind === 'verdict' && entry.direction === 'out' && entry.verdict.kind === 'failed')
  if (failed === undefined) throw new Error(`${namespace}: nothing failed`)
  return failed.at.getTime()
}

const withKubectl = async (place: BenchPlace, kubectl: string, folder: string, [, tag]: readonly [string, string], image: string): Promise<Compared> => {
  const namespace = `peer-kubectl-${tag}`
  const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: place.control.kubeconfig }
  const file = (text: string, what: string): string => {
    const path = join(folder, `${namespace}-${what}.yaml`)
    writeFileSync(path, text)
    return path
  }
  const call = (...args: readonly string[]): Promise<Ran> => run(kubectl, ['-n', namespace, ...args], env)
  await makeNamespace(place, namespace)
  await must(call('apply', '-f', file(deployment(`${image}:1.4.0`), 'good')))
  await must(call('rollout', 'status', 'deployment/web'))
  await place.observer.begin(namespace)
  const from = Date.now()
  await must(call('apply', '-f', file(deployment(`${image}:${tag}`), 'bad')))
  const told = await call('rollout', 'status', 'deployment/web')
  if (told.code === 0) return { verdict: null, back: null, said: `success at ${String(Math.round((told.at - from) / 100) / 10)} s: ${lastLine(told.text)}` }
  const undone = Date.now()
  await must(call('rollout', 'undo', 'deployment/web'))
  const back = await must(call('rollout', 'status', 'deployment/web'))
  const decided = await decidedAt(place, namespace, from, undone)
  return { verdict: (told.at - decided) / 1000, back: (back.at - decided) / 1000, said: lastLine(told.text) }
}

const withHelm = async (place: BenchPlace, helm: string, folder: string, [, tag]: readonly [string, string], image: string): Promise<Compared> => {
  const namespace = `peer-helm-${tag}`
  const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: place.control.kubeconfig }
  const chart = join(folder, namespace)
  mkdirSync(join(chart, 'templates'), { recursive: true })
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: web\nversion: 0.1.0\n')
  writeFileSync(join(chart, 'templates/web.yaml'), deployment('{{ .Values.image }}'))
  const call = (...args: readonly string[]): Promise<Ran> => run(helm, [...args, '-n', namespace], env)
  await makeNamespace(place, namespace)
  await must(call('install', 'web', chart, '--set', `image=${image}:1.4.0`, '--wait'))
  await place.observer.begin(namespace)
  const from = Date.now()
  const told = await call('upgrade', 'web', chart, '--set', `image=${image}:${tag}`, '--rollback-on-failure')
  if (told.code === 0) return { verdict: null, back: null, said: `success at ${String(Math.round((told.at - from) / 100) / 10)} s; the broken release stays` }
  // Helm answers when its way back is done.
  return { verdict: null, back: (told.at - (await decidedAt(place, namespace, from, undefined))) / 1000, said: lastLine(told.text) }
}

/** The same faults under `kubectl rollout status` (and `undo`) and `helm upgrade --rollback-on-failure`, with their defaults, all at once: some ten minutes. */
export const comparePeers = async (place: BenchPlace, ours: ReadonlyMap<string, { readonly verdict: number; readonly back: number }>): Promise<string> => {
  const programs = await builtPrograms('peers', modules, 'kubectl and Helm', (line) => process.stderr.write(`${line}\n`))
  const folder = mkdtempSync(join(tmpdir(), 'slipway-peers-'))
  try {
    const image = `${place.surroundings.registry.address}/shop`
    const rows = await Promise.all(faults.map(async (fault) => {
      const [kubectl, helm] = await Promise.all([withKubectl(place, join(programs, 'kubectl'), folder, fault, image), withHelm(place, join(programs, 'helm'), folder, fault, image)])
      return { name: fault[0], kubectl, helm }
    }))
    const s = (value: number | null | undefined): string => (value === null || value === undefined ? '-' : `${value.toFixed(2)} s`)
    const ratio = (theirs: number | null, own: number | undefined): string => (theirs === null || own === undefined ? '-' : `x ${String(Math.round(theirs / Math.max(own, 0.001)))}`)
    return [
      'peers with their defaults, from the deciding event', '',
      columns([
        ['class', 'slipway: verdict', 'back', 'kubectl: verdict', 'back', 'ratio', 'helm: back', 'ratio', 'kubectl says', 'helm says'],
        ...rows.map(({ name, kubectl, helm }) => {
          const own = ours.get(name)
          return [name, s(own?.verdict), s(own?.back), s(kubectl.verdict), s(kubectl.back), ratio(kubectl.verdict, own?.verdict), s(helm.back), ratio(helm.back, own?.back), kubectl.said, helm.said]
        }),
      ]),
    ].join('\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

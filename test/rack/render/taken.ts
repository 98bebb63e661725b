import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectCluster, type Cluster } from '../../../src/rack/cluster/connect.ts'
import { isPlainObject, type PlainObject } from '../../../src/rack/cluster/objects.ts'
import { parseManifest } from '../../../src/rack/manifest/parse.ts'
import { stopped } from '../../../src/rack/render/inventory.ts'
import { renderReleaseJob, renderTimers } from '../../../src/rack/render/jobs.ts'
import { renderNamespace, renderRelease } from '../../../src/rack/render/render.ts'
import { everyField, inputOf } from './every-field.ts'

const input = inputOf(everyField, { promotion: 'PABCDEFGHIJ', pullSecret: 'registry' })
const plain = (object: unknown): PlainObject => {
  if (!isPlainObject(object)) throw new Error('not an object')
  return object
}
const objects = [...renderRelease(input), renderReleaseJob({ ...input, promotion: 'PABCDEFGHIJ' })].map(plain)
const kinds = [...new Set(objects.map(({ kind }) => kind))]

/** What an API server has to say to every kind of object we render: told on the simulated cluster and on a real one. */
export const tellTaken = (start: () => Promise<{ readonly kubeconfig: string; stop(): Promise<void> }>): void => {
  let stop: (() => Promise<void>) | undefined
  let cluster: Cluster

  beforeAll(async () => {
    const started = await start()
    stop = started.stop
    cluster = connectCluster({ kubeconfig: started.kubeconfig, namespacePrefix: 'convox-', clock: () => new Date(), log: () => undefined })
    await cluster.objects.apply(plain(renderNamespace(input)), { force: true })
  })
  afterAll(async () => {
    await cluster?.close()
    await stop?.()
  })

  it('has every kind that we render', () => {
    expect(kinds).toEqual([
      'ConfigMap', 'PersistentVolumeClaim', 'Secret', 'Service', 'Deployment', 'DaemonSet', 'CronJob', 'HorizontalPodAutoscaler', 'Ingress', 'Job',
    ])
  })

  it.each(kinds)('is taken in a dry run by strict validation: %s', async (kind) => {
    for (const object of objects.filter((each) => each.kind === kind)) {
      const answer = await cluster.objects.apply(object, { force: false, dryRun: true })
      expect(answer.metadata.name).toBe(object.metadata.name)
    }
  })

  it('is applied twice without a change, and taken back after everything was stopped', async () => {
    const applyAll = async (all: readonly PlainObject[]) => {
      const answers: PlainObject[] = []
      for (const object of all) answers.push(await cluster.objects.apply(object, { force: false }))
      return answers.map(({ kind, metadata, ...rest }) => ({ kind, name: metadata.name, generation: metadata.generation, spec: rest['spec'] }))
    }
    const first = await applyAll(objects)
    expect(await applyAll(objects)).toEqual(first)
    const workloads = objects.filter((object) => stopped(object) !== undefined)
    const halted = await applyAll(workloads.flatMap((object) => stopped(object) ?? []))
    expect(halted.filter(({ kind }) => kind === 'CronJob').map(({ spec }) => spec)).toMatchObject([{ suspend: true }, { suspend: true }])
    expect(halted.filter(({ kind }) => kind === 'Deployment').map(({ spec }) => spec)).toMatchObject([{ replicas: 0 }, { replicas: 0 }, { replicas: 0 }])
    expect(halted.filter(({ kind }) => kind === 'DaemonSet').map(({ spec }) => spec)).toMatchObject([{ template: { spec: { nodeSelector: {} } } }, { template: { spec: { nodeSelector: {} } } }])
    const back = await applyAll(workloads)
    const specs = (all: typeof first) => all.map(({ name, spec }) => ({ name, spec }))
    expect(specs(back)).toEqual(specs(first.filter(({ kind }) => workloads.some((object) => object.kind === kind))))
  })

  it.each([
    '*/5 * * * *', '0 3 * * *', '0 3 * * ? *', '0  3 * * 1-5', '0,30 8-18/2 1 jan-MAR mon,WED', '5/15 * * * 0', '59 23 31 12 6', '@daily', '@Hourly', '@yearly', '@annually', '@monthly', '@weekly', '@midnight',
  ])('has a timer whose schedule is taken: %s', async (schedule) => {
    const timers = renderTimers(inputOf(`services: {web: {}}\ntimers: {t: {schedule: ${JSON.stringify(schedule)}, service: web, command: a}}`))
    for (const timer of timers) expect((await cluster.objects.apply(plain(timer), { force: false, dryRun: true })).metadata.name).toBe('timer-t')
  })

  it.each(['* * * * 7', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '*/0 * * * *', '5-3 * * * *', '1- * * * *', '* * * * sunday', 'a b c d e'])('would not take the schedule that we refuse: %s', async (schedule) => {
    const [timer] = renderTimers(input)
    if (timer === undefined) throw new Error('no timer')
    const wrong = plain({ ...timer, spec: { ...timer.spec, schedule } })
    await expect(cluster.objects.apply(wrong, { force: true, dryRun: true })).rejects.toThrow(/schedule/)
    expect(parseManifest(`services: {web: {}}\ntimers: {t: {schedule: ${JSON.stringify(schedule)}, service: web, command: a}}`).ok).toBe(false)
  })

  const [long, id] = ['w'.repeat(63), 'i'.repeat(59)]
  it.each([
    ['the longest names', `configs: [{id: ${id}, value: ""}]\nservices:\n  ${long}:\n    port: 65535\n    ports: [65535/udp, 65534, 65534/udp]\n    domain: "*.${'d'.repeat(63)}.${'e'.repeat(63)}.com"\n    volumes: [/${'p'.repeat(200)}]\n    configMounts: [{id: ${id}, dir: /etc, filename: "odd name (1).txt"}]\n    volumeOptions: [{emptyDir: {id: ${id}, mountPath: "/with space"}}]\ntimers: {${'t'.repeat(46)}: {schedule: "@daily", service: ${long}, command: a, parallelCount: 100}}\nrelease: {service: ${long}, command: a, deadline: 24h}\n`],
    ['the least', 'services:\n  a: {command: \'""\', termination: {grace: 0}, scale: {cpu: 1, memory: 1, min: 1, max: 2, targets: {memory: 1000}}, deployment: {minimum: 0, maximum: 101, crashRestartLimit: 1, progressDeadline: 30}}\n'],
    ['sizes in every unit', `services:\n  a:\n    volumeOptions: [${['1000', '64Mi', '1.5Gi', '2Ti', '64Ki', '5k', '5M', '5G', '1T'].map((size, index) => `{emptyDir: {id: e${index}, mountPath: /e${index}, sizeLimit: ${size}}}`).join(', ')}]\n`],
    ['names of volumes without a letter', 'services:\n  a: {volumes: ["..:/x", "/-/:/y", /_, "A/b.C:/z"]}\n'],
    ['an agent on two ports of one number', 'services:\n  a: {agent: {enabled: true}, ports: [53, 53/udp], startupProbe: {tcpSocketPort: 53, failureThreshold: 2147483647}}\n'],
  ])('is taken with %s', async (_what, yaml) => {
    // Another promotion: a Job that is there cannot be changed.
    const odd = inputOf(yaml, { promotion: 'PZYXWVUTSRQ' })
    const job = renderReleaseJob({ ...odd, promotion: 'PZYXWVUTSRQ' })
    for (const object of [...renderRelease(odd), ...(job === undefined ? [] : [job])]) {
      expect((await cluster.objects.apply(plain(object), { force: true, dryRun: true })).metadata.name).toBe(object.metadata.name)
    }
  })
}

import { readFileSync } from 'node:fs'
import { copy, isMap, mapAt, mapsAt, numberAt, parseJson, put, textAt, type Json, type JsonMap } from '../../../../sandbox/cluster/json.ts'
import { annotationsOf, asKubeObject, controllerOf, type KubeObject } from '../../../../sandbox/cluster/object.ts'
import type { SimulatedCluster } from '../../../../sandbox/cluster/start.ts'
import type { SteppedClock } from '../stepped-clock.ts'

export interface Row {
  t: number
  kind: string
  type: string
  object: JsonMap
}

const revisionAnnotation = 'deployment.kubernetes.io/revision'

export const readRecording = (name: string): Row[] =>
  readFileSync(new URL(`../../../recordings/${name}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const row = parseJson(line)
      if (!isMap(row)) throw new Error(`${name} holds a line that is no object`)
      return { t: numberAt(row, 't') ?? 0, kind: textAt(row, 'kind'), type: textAt(row, 'type'), object: mapAt(row, 'object') }
    })

/** Rows of the four kinds a recording has, as they happen. */
export const record = (cluster: SimulatedCluster, namespace: string): Row[] => {
  const rows: Row[] = []
  cluster.observe((change) => {
    if (change.object.metadata.namespace === namespace) rows.push({ t: 0, kind: change.resource.split('.')[0] ?? '', type: change.type, object: change.object })
  })
  return rows
}

/** A cluster and the clock it lives by. */
export interface Stage {
  cluster: SimulatedCluster
  clock: SteppedClock
}

/** What the wall clock showed at t = 0, in ms since the epoch: an event is named after the nanosecond it was made in, and seen right after that. */
export const zeroOf = (rows: Row[]): number =>
  Math.max(
    ...rows
      .filter((row) => row.kind === 'events' && row.type === 'ADDED')
      .map((row) => Math.floor(Number.parseInt(textAt(row.object, 'metadata', 'name').split('.').at(-1) ?? '', 16) / 1e6) - row.t),
  )

/** Lives on until `find` finds something, not at all if it does already. */
const until = async <Value>({ cluster, clock }: Stage, what: string, find: () => Value | undefined): Promise<Value> => {
  const end = clock.now() + 10_000
  for (;;) {
    await cluster.settled()
    const found = find()
    if (found !== undefined) return found
    if (!clock.step(end)) throw new Error(`waited in vain for ${what}`)
  }
}

const setOf = (object: JsonMap): string => textAt(mapsAt(object, 'metadata', 'ownerReferences')[0], 'name')

const withCondition = (pod: KubeObject, type: string): JsonMap => {
  const status = mapAt(pod, 'status')
  return { ...pod, status: { ...status, conditions: [...mapsAt(status, 'conditions'), { type, status: 'True' }] } }
}

/** How many were available in a ReplicaSet, one number per change, beginning with what it had before the promote. */
const steps = (rows: Row[], set: string): number[] => {
  const numbers = rows.filter((row) => row.kind === 'replicasets' && textAt(row.object, 'metadata', 'name') === set).map((row) => ({ count: numberAt(row.object, 'status', 'availableReplicas') ?? 0, initial: row.type === 'INITIAL' }))
  const before = numbers.filter(({ initial }) => initial).at(-1)?.count ?? 0
  const after = numbers.filter(({ initial }) => !initial).map(({ count }) => count)
  return [before, ...after].filter((count, index, all) => count !== all[index - 1])
}

const rises = (counts: number[]): boolean => (counts.at(-1) ?? 0) > (counts.at(-2) ?? Number.POSITIVE_INFINITY)

/** Plays a recording's promote, rollback and kubelet against the cluster, each at its recorded time; what the controllers do is theirs. `before` is done before the promote. */
export const replay = async (stage: Stage, rows: Row[], namespace: string, before: () => void): Promise<Row[]> => {
  const { cluster, clock } = stage
  const zero = zeroOf(rows)
  const seen = record(cluster, namespace)
  const names = new Map<string, string>()
  const dying = new Set<string>()
  const sets = new Map<string, string>()
  const [first] = rows.filter((row) => row.kind === 'deployments')
  if (!first) throw new Error('the recording has no deployment')

  const deploy = (spec: Json | undefined): void => {
    const live = cluster.get('deployments.apps', namespace, 'web')
    const base = live ? copy<JsonMap>(live) : { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace } }
    cluster.put('deployments.apps', namespace, { ...base, spec: copy(spec ?? {}) })
  }
  const freshPods = (set: string): KubeObject[] => cluster.list('pods', namespace).filter((pod) => controllerOf(pod)?.name === set && ![...names.values()].includes(pod.metadata.name))
  const ourSet = async (recorded: string): Promise<string> => {
    const known = sets.get(recorded)
    if (known !== undefined) return known
    const found = await until(stage, `the ReplicaSet like ${recorded}`, () => cluster.list('replicasets.apps', namespace).find((set) => ![...sets.values()].includes(set.metadata.name)))
    sets.set(recorded, found.metadata.name)
    return found.metadata.name
  }
  const ourPod = async (recorded: JsonMap): Promise<KubeObject> => {
    const name = textAt(recorded, 'metadata', 'name')
    const set = await ourSet(setOf(recorded))
    const deleting = textAt(recorded, 'metadata', 'deletionTimestamp') !== ''
    if (deleting && !dying.has(name)) {
      // Which of two equal pods goes is the controller's choice: follow it.
      dying.add(name)
      const taken = [...names].filter(([other]) => dying.has(other) && other !== name).map(([, ours]) => ours)
      const gone = await until(stage, `a pod of ${set} to be deleted`, () =>
        cluster.list('pods', namespace).find((pod) => controllerOf(pod)?.name === set && textAt(pod, 'metadata', 'deletionTimestamp') !== '' && !taken.includes(pod.metadata.name)),
      )
      const other = [...names].find(([, ours]) => ours === gone.metadata.name)
      if (other) names.set(other[0], names.get(name) ?? '')
      names.set(name, gone.metadata.name)
    }
    const mapped = names.get(name) ?? (await until(stage, `a pod like ${name}`, () => freshPods(set)[0])).metadata.name
    names.set(name, mapped)
    return asKubeObject(cluster.get('pods', namespace, mapped) ?? recorded)
  }
  const report = async (recorded: JsonMap): Promise<void> => {
    const pod = await ourPod(recorded)
    const status = mapAt(recorded, 'status')
    if (mapsAt(status, 'containerStatuses').length === 0) return
    await until(stage, `${pod.metadata.name} to be bound`, () => (textAt(cluster.get('pods', namespace, pod.metadata.name), 'spec', 'nodeName') === '' ? undefined : true))
    const live = cluster.get('pods', namespace, pod.metadata.name)
    if (live) cluster.put('pods', namespace, { ...copy<JsonMap>(live), status: copy(status) }, { manager: 'kubelet', subresource: 'status' })
  }

  deploy(first.object['spec'])
  for (const row of rows.filter((item) => item.kind === 'pods' && item.type === 'INITIAL')) await report(row.object)
  await until(stage, 'the first release', () => (numberAt(cluster.get('deployments.apps', namespace, 'web'), 'status', 'availableReplicas') === 2 ? true : undefined))
  await cluster.settled()
  // What comes before is kept for the names only.
  for (const row of seen) row.type = 'INITIAL'

  for (const [index, row] of rows.entries()) {
    if (row.type !== 'INITIAL') await clock.reach(zero + row.t, cluster.settled)
    if (row.kind === 'note' && (row.type === 'PROMOTE' || row.type === 'ROLLBACK')) {
      if (row.type === 'PROMOTE') before()
      await cluster.settled()
      const next = rows.slice(index).find((item) => item.kind === 'deployments')
      deploy(next?.object['spec'])
    }
    if (row.kind === 'note' && row.type === 'EVICT') {
      const name = names.get(textAt(row.object, 'pod')) ?? ''
      cluster.put('pods', namespace, withCondition(asKubeObject(cluster.get('pods', namespace, name)), 'DisruptionTarget'), { subresource: 'status' })
      cluster.remove('pods', namespace, name)
    }
    if (['INITIAL', 'BOOKMARK'].includes(row.type) || row.kind === 'note') continue
    if (row.kind === 'pods' && row.type === 'DELETED') {
      const recorded = textAt(row.object, 'metadata', 'name')
      const name = names.get(recorded) ?? ''
      if (dying.has(recorded) && cluster.get('pods', namespace, name)) cluster.remove('pods', namespace, name)
    } else if (row.kind === 'pods' && numberAt(row.object, 'metadata', 'deletionGracePeriodSeconds') !== 0) await report(row.object)
    if (row.kind === 'replicasets') {
      const recorded = textAt(row.object, 'metadata', 'name')
      const set = await ourSet(recorded)
      const theirs = steps(rows.slice(0, index + 1), recorded)
      // Ours has to have gone through as many steps: a moment may be over before anybody looks.
      if (rises(theirs)) await until(stage, `step ${theirs.length} of ${set}`, () => (steps(seen, set).length >= theirs.length ? true : undefined))
    }
    await cluster.settled()
  }
  await cluster.settled()
  return seen
}

const controllers = ['deployment-controller', 'replicaset-controller', 'default-scheduler']

/** What a row says, without names, times and versions: `deployment …`, `set 2 …`, `event …`. One list per object. */
export const facts = (rows: Row[], namespace: string): Record<string, string[]> => {
  const revisions = new Map<string, string>()
  for (const row of rows) if (row.kind === 'replicasets' && textAt(row.object, 'metadata', 'name') !== '' && !revisions.has(textAt(row.object, 'metadata', 'name'))) revisions.set(textAt(row.object, 'metadata', 'name'), annotationsOf(row.object)[revisionAnnotation] ?? '')
  const plain = (text: string): string => {
    let result = text.replaceAll(namespace, 'NS').replaceAll(/\d+ms|\d+\.\d+s/g, 'T')
    for (const [name, revision] of revisions) result = result.replaceAll(new RegExp(`${name}-\\w{5}`, 'g'), `POD${revision}`).replaceAll(name, `SET${revision}`)
    return result
  }
  const found: Record<string, string[]> = {}
  const add = (key: string, fact: Json): void => {
    const list = found[key] ?? []
    found[key] = list
    const text = plain(JSON.stringify(fact))
    if (list.at(-1) !== text) list.push(text)
  }
  for (const { kind, type, object } of rows) {
    if (type === 'INITIAL' || type === 'BOOKMARK') continue
    const status = copy(mapAt(object, 'status'))
    const conditions = mapsAt(status, 'conditions').map((item) => [textAt(item, 'type'), textAt(item, 'status'), textAt(item, 'reason'), textAt(item, 'message')].join('|'))
    put(status, ['conditions'], undefined)
    const numbers = Object.fromEntries(Object.entries(status).sort())
    const annotations = Object.fromEntries(Object.entries(annotationsOf(object)).sort())
    const generation = numberAt(object, 'metadata', 'generation') ?? 0
    if (kind === 'deployments') add('deployment', { generation, annotations, numbers, conditions })
    if (kind === 'replicasets') add(plain(textAt(object, 'metadata', 'name')), { type, generation, replicas: numberAt(object, 'spec', 'replicas') ?? 0, annotations, numbers, conditions })
    if (kind === 'events') {
      const component = textAt(object, 'reportingComponent') || textAt(object, 'source', 'component')
      if (!controllers.includes(component)) continue
      const who = plain(textAt(object, 'involvedObject', 'name'))
      add(`events of ${who}`, { type: textAt(object, 'type'), reason: textAt(object, 'reason'), message: textAt(object, 'message'), component: textAt(object, 'reportingComponent'), action: textAt(object, 'action') })
    }
  }
  return found
}

import { parseArgs } from 'node:util'
import { canRunControlPlane } from '../cluster/control-plane/available.ts'
import { classes, type BenchClass } from './classes.ts'
import { measureHeap } from './heap.ts'
import { timingsOf, type Timings } from './measure.ts'
import { restingMemory } from './memory.ts'
import { comparePeers } from './peers.ts'
import { openPlace, startEngine, type BenchPlace, type Engine } from './place.ts'
import { allEnded, approver, goodApp, importAs, requester } from './promotions.ts'
import { countRequests } from './requests.ts'
import { columns, percentile, resultTable, type Measured } from './statistics.ts'

/*
 * npm run bench:rollouts -- [--rounds 3] [--at-once 20] [--heap 1000] [--peers] [--classes 'good,crash at once'] [--parts classes,at-once,approvals,requests,memory,heap]
 * One real control plane, nodes played by the scripted kubelet at the speed of recorded ones, PostgreSQL, and Slipway in this process; nodes and the observer
 * who says when something was true live in processes of their own.
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, 'at-once': { type: 'string', default: '20' }, classes: { type: 'string' }, parts: { type: 'string', default: 'classes,at-once,approvals,requests,memory,heap' }, heap: { type: 'string', default: '1000' }, peers: { type: 'boolean', default: false } } })
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const imageOf = (place: BenchPlace, tag: string): string => `${place.surroundings.registry.address}/shop:${tag}`

interface Played { readonly app: string; readonly kind: BenchClass }

/**
 * Promotes each class's release over its app's good one, all at once, and times them when all are over: this process is the one that is measured, so the
 * bench asks the database for nothing but their statuses, and replays nothing meanwhile.
 */
const playAll = async (place: BenchPlace, engine: Engine, plays: readonly Played[]): Promise<readonly Timings[]> => {
  const { operations } = engine
  const releases = await Promise.all(plays.map(({ app, kind }) => importAs(
    operations, app, imageOf(place, kind.tag), kind.manifestAfter ?? kind.manifest, Object.entries(kind.tags ?? {}).map(([service, tag]) => [service, imageOf(place, tag)] as const),
  )))
  for (const { app } of plays) await place.observer.begin(`convox-${app}`)
  const ids = await Promise.all(plays.map(async ({ app }, index) => (await operations.promote(requester, { app, release: releases[index] ?? null, deadlineSeconds: null, confirmed: ['older', 'active'] })).id))
  await allEnded(place.sql, ids)
  // What the observer sees of the last write comes a moment later.
  await new Promise((resolve) => setTimeout(resolve, 500))
  const all: Timings[] = []
  for (const [index, { app, kind }] of plays.entries()) {
    const timings = await timingsOf(place, engine, ids[index] ?? '', await place.observer.end(`convox-${app}`))
    if (timings.status !== kind.ends) say(`!! ${app} (${kind.name}) ended ${timings.status}: ${String(timings.rule)}`)
    all.push(timings)
  }
  return all
}

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

const prepare = async (place: BenchPlace, engine: Engine, app: string, kind: BenchClass): Promise<void> => {
  const params = { stability: kind.stability ?? '1s', ...(kind.deadline === undefined ? {} : { deadline: kind.deadline }) }
  await goodApp(engine.operations, app, { image: `${place.surroundings.registry.address}/shop`, manifest: kind.manifest, params })
  await kind.spoil?.(place.kube, `convox-${app}`)
}

const some = (values: readonly (number | undefined)[]): readonly number[] => values.filter((value) => value !== undefined)

const medianOf = (samples: readonly number[]): number | undefined => (samples.length === 0 ? undefined : percentile(samples, 0.5))

/** One class after the other; then what a promotion asks of the API server. */
const oneByOne = async (place: BenchPlace, engine: Engine, rounds: number): Promise<ReadonlyMap<string, readonly Timings[]>> => {
  const rows: string[][] = [['class', 'rule', 'write -> deciding event', 'deciding event -> verdict', 'verdict -> first write back', 'verdict -> old release proven']]
  const all = new Map<string, readonly Timings[]>()
  const ms = (value: number | undefined): string => (value === undefined ? '-' : `${String(Math.round(value))} ms`)
  const seconds = (value: number | undefined): string => (value === undefined ? '-' : `${(value / 1000).toFixed(1)} s`)
  const only = values.classes?.split(',')
  const chosen = classes.filter(({ name }) => only?.includes(name) ?? true)
  const appOf = (kind: BenchClass): string => `one-${slug(kind.name)}`
  await Promise.all(chosen.map((kind) => prepare(place, engine, appOf(kind), kind)))
  for (const kind of chosen) {
    const app = appOf(kind)
    const played: Timings[] = []
    for (let round = 0; round < rounds; round += 1) played.push(...(await playAll(place, engine, [{ app, kind }])))
    all.set(kind.name, played)
    const median = (pick: (timings: Timings) => number | undefined): number | undefined => medianOf(some(played.map(pick)))
    process.stderr.write(`${kind.name}: done\n`)
    rows.push([
      kind.name, played[0]?.rule ?? '-', seconds(median((each) => each.writeToDecided)), ms(median((each) => each.decidedToVerdict)), ms(median((each) => each.verdictToWrite)),
      seconds(median((each) => each.verdictToProven)),
    ])
  }
  say(`\n${String(rounds)} of each class, one after the other (medians)\n\n${columns(rows)}`)
  return all
}

const atOnce = async (place: BenchPlace, engine: Engine, many: number, rounds: number): Promise<readonly Timings[]> => {
  const quick = classes.filter(({ name }) => ['crash at once', 'out of memory', 'image not found', 'bad command', 'missing secret', 'init fails'].includes(name))
  const apps = Array.from({ length: many }, (_, index) => ({ app: `crowd-${'abcdefghijklmnopqrstuvwxyz'.charAt(Math.floor(index / 26))}${'abcdefghijklmnopqrstuvwxyz'.charAt(index % 26)}`, kind: quick[index % quick.length] }))
  await Promise.all(apps.flatMap(({ app, kind }) => (kind === undefined ? [] : [prepare(place, engine, app, kind)])))
  const all: Timings[] = []
  for (let round = 0; round < rounds; round += 1) {
    all.push(...(await playAll(place, engine, apps.flatMap(({ app, kind }) => (kind === undefined ? [] : [{ app, kind }])))))
  }
  return all
}

/** From the click that approves to the first write, ms. */
const approvals = async (place: BenchPlace, engine: Engine, rounds: number): Promise<readonly number[]> => {
  const { operations } = engine
  const [kind] = classes
  if (kind === undefined) return []
  await prepare(place, engine, 'approved', kind)
  await operations.setAppParams(requester, { app: 'approved', params: [['approvals', '1']] })
  const took: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const changed = await operations.changeEnv(requester, { app: 'approved', set: [['ROUND', String(round)]], unset: [], replace: false, base: null })
    const { id } = await operations.promote(requester, { app: 'approved', release: changed.release, deadlineSeconds: null, confirmed: [] })
    const clicked = Date.now()
    await operations.approve(approver, { promotion: id, rev: null })
    await allEnded(place.sql, [id])
    const [row] = await place.sql`select state->'out'->>'writingAt' as at from promotions where id = ${id}`
    took.push(Date.parse(String(row?.['at'])) - clicked)
  }
  return took
}

const requestsOf = async (place: BenchPlace, engine: Engine, name: string): Promise<readonly string[]> => {
  const kind = classes.find((each) => each.name === name)
  if (kind === undefined) return []
  const app = `asks-${slug(name)}`
  await prepare(place, engine, app, kind)
  return countRequests(place.control.url, async () => void (await playAll(place, engine, [{ app, kind }])))
}

const counted = (asked: readonly string[]): string => {
  const groups = new Map<string, number>()
  for (const each of asked) {
    const group = each.replace(/ \/.*\/namespaces\/[^/]+\/([a-z]+)(\/[^/ ]+)?(\/log)?.*?( \(dry run\))?$/, ' $1$3$4')
    groups.set(group, (groups.get(group) ?? 0) + 1)
  }
  return [...groups].map(([group, count]) => `${String(count)} ${group}`).join(', ')
}

const main = async (): Promise<void> => {
  if (!canRunControlPlane()) throw new Error('the bench needs a control plane: Go on the PATH, once')
  const [rounds, many] = [Number(values.rounds), Number(values['at-once'])]
  const place = await openPlace()
  const ours = new Map<string, { readonly verdict: number; readonly back: number }>()
  try {
    const engine = await startEngine(place.environment)
    try {
      const parts = values.parts.split(',')
      const byClass = parts.includes('classes') ? await oneByOne(place, engine, rounds) : new Map<string, readonly Timings[]>()
      const alone = [...byClass.values()].flat()
      for (const [name, played] of byClass) {
        const verdict = medianOf(some(played.map((each) => each.decidedToVerdict)))
        const back = medianOf(some(played.map((each) => (each.decidedToVerdict === undefined || each.verdictToProven === undefined ? undefined : each.decidedToVerdict + each.verdictToProven))))
        if (verdict !== undefined && back !== undefined) ours.set(name, { verdict: verdict / 1000, back: back / 1000 })
      }
      const crowd = parts.includes('at-once') ? await atOnce(place, engine, many, rounds) : []
      const clicks = parts.includes('approvals') ? await approvals(place, engine, Math.max(10, rounds)) : []
      const asks = async (name: string): Promise<readonly string[]> => (parts.includes('requests') ? requestsOf(place, engine, name) : [])
      const [good, bad] = [await asks('good'), await asks('crash at once')]
      const of = (all: readonly Timings[], pick: (timings: Timings) => number | undefined): readonly number[] => some(all.map(pick))
      const results: Measured[] = [
        { what: 'deciding event -> judged, alone', unit: 'ms', samples: of(alone, (each) => each.decidedToJudged) },
        { what: `deciding event -> judged, ${String(many)} at once`, unit: 'ms', samples: of(crowd, (each) => each.decidedToJudged) },
        { what: 'deciding event -> verdict, alone', unit: 'ms', samples: of(alone, (each) => each.decidedToVerdict), goal: 250 },
        { what: `deciding event -> verdict, ${String(many)} at once`, unit: 'ms', samples: of(crowd, (each) => each.decidedToVerdict), goal: 250 },
        { what: 'verdict -> first write back, alone', unit: 'ms', samples: of(alone, (each) => each.verdictToWrite), goal: 2_250 },
        { what: `verdict -> first write back, ${String(many)} at once`, unit: 'ms', samples: of(crowd, (each) => each.verdictToWrite), goal: 2_250 },
        { what: 'evidence -> first write back, alone', unit: 'ms', samples: of(alone, (each) => each.evidenceToWrite), goal: 250 },
        { what: `evidence -> first write back, ${String(many)} at once`, unit: 'ms', samples: of(crowd, (each) => each.evidenceToWrite), goal: 250 },
        { what: 'evidence -> old template seen, alone', unit: 'ms', samples: of(alone, (each) => each.evidenceToSeen) },
        { what: `evidence -> old template seen, ${String(many)} at once`, unit: 'ms', samples: of(crowd, (each) => each.evidenceToSeen) },
        { what: 'verdict -> old release proven, alone', unit: 'ms', samples: of(alone, (each) => each.verdictToProven) },
        { what: `verdict -> old release proven, ${String(many)} at once`, unit: 'ms', samples: of(crowd, (each) => each.verdictToProven) },
        { what: 'completion seen after it is true, alone', unit: 'ms', samples: alone.flatMap((each) => each.completeSeen), goal: 250 },
        { what: `completion seen after it is true, ${String(many)} at once`, unit: 'ms', samples: crowd.flatMap((each) => each.completeSeen), goal: 250 },
        { what: 'approval -> first write', unit: 'ms', samples: clicks, goal: 300 },
        { what: 'requests, a good promotion of one service', unit: 'requests', samples: good.length === 0 ? [] : [good.length] },
        { what: 'requests, one that is rolled back', unit: 'requests', samples: bad.length === 0 ? [] : [bad.length] },
      ]
      await engine.slipway.stop()
      const heap = parts.includes('heap') ? await measureHeap(place, Number(values.heap)) : null
      if (heap !== null) results.push(heap.result)
      if (parts.includes('memory')) results.push({ what: 'memory at rest (RSS)', unit: 'MB', samples: [await restingMemory(place)], goal: 200 })
      const measured = results.filter(({ samples }) => samples.length > 0)
      if (measured.length > 0) say(`\n${resultTable(measured)}`)
      if (heap !== null) say(`\n${heap.text}`)
      if (good.length > 0) say(`\na good promotion asks: ${counted(good)}\none that is rolled back: ${counted(bad)}`)
    } finally {
      await engine.slipway.stop()
    }
    if (values.peers) say(`\n${await comparePeers(place, ours)}`)
  } finally {
    await place.close()
  }
}

await main()

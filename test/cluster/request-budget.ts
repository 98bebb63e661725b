import { expect } from 'vitest'
import type { Place } from '../stories/place.ts'
import { openTenant, shopManifest } from '../stories/tenant.ts'
import type { AuditedRequest } from './control-plane/audit-log.ts'

const objects = ['deployments/web', 'deployments/worker', 'secrets/env-web', 'secrets/env-worker', 'services/web'] as const

/** The Secret of every release under one name: `secrets/env-web` for `secrets/env-r…-web`. */
const objectOf = ({ resource, name }: AuditedRequest): string => `${String(resource)}/${name.replace(/^env-r[a-z]{10}-/, 'env-')}`

/** `deployments/web ×2`, in their order, of requests that the cluster took. */
const taken = (requests: readonly AuditedRequest[]): string[] => {
  const counted = new Map<string, number>()
  for (const request of requests) if (request.code < 300) counted.set(objectOf(request), (counted.get(objectOf(request)) ?? 0) + 1)
  return [...counted].map(([object, times]) => (times === 1 ? object : `${object} ×${String(times)}`)).sort()
}

/** Requests sorted by what they are for. A 409 says that an object changed meanwhile: each allows one read of it, and the apply again. */
const sorted = (requests: readonly AuditedRequest[]) => {
  const applies = requests.filter(({ verb, dryRun }) => verb === 'patch' && !dryRun)
  const stale = applies.filter(({ code }) => code === 409).map(objectOf)
  const logs = requests.filter(({ resource }) => resource === 'pods/log')
  const reads = requests.filter((request) => request.verb === 'get' && !logs.includes(request))
  const again = new Set(stale.flatMap((object, index) => {
    const nth = stale.slice(0, index).filter((one) => one === object).length
    // The last reads of an object are those after a refusal.
    return reads.filter((read) => objectOf(read) === object).toReversed().slice(nth, nth + 1)
  }))
  return {
    rehearsed: requests.filter(({ verb, dryRun }) => verb === 'patch' && dryRun), applies, logs, reads: reads.filter((read) => !again.has(read)), again: again.size, stale,
    deleted: requests.filter(({ verb }) => verb === 'delete'), rest: requests.filter(({ verb }) => !['patch', 'get', 'delete'].includes(verb)),
  }
}

/** What one promotion costs, counted by the API server itself: a good one, and one that crashes and goes back. */
export const tellRequestBudget = async (place: Place, app: string, audited: () => readonly AuditedRequest[]): Promise<void> => {
  const { shop } = place.story.world
  const tenant = await openTenant(place, app)
  /** What is asked from the request to promote until the last word, by what it is about; the pulse alone is about nothing. */
  const asked = async (tag: string, ends: RegExp) => {
    const release = await tenant.importAgain(`${shop}:${tag}`)
    const before = audited().length
    await tenant.promote(release)
    expect((await tenant.ended(release)).text).toMatch(ends)
    const requests = audited().slice(before)
    expect(requests.filter(({ namespace, path }) => namespace !== tenant.namespace && path !== '/livez')).toEqual([])
    return sorted(requests.filter(({ namespace }) => namespace === tenant.namespace))
  }
  const first = await tenant.import(`${shop}:1.4.0`, shopManifest)
  await tenant.promote(first)
  await tenant.ended(first)

  // Two for each object, and nothing is read, listed or watched for it.
  const good = await asked('1.4.1', /^Succeeded: /)
  expect(taken(good.rehearsed)).toEqual(objects)
  expect(taken(good.applies)).toEqual(objects)
  expect(good.rehearsed).toHaveLength(objects.length)
  expect(good.applies).toHaveLength(objects.length + good.stale.length)
  expect(good.again).toBe(good.stale.length)
  expect([good.reads, good.logs, good.rest].map(taken)).toEqual([[], [], []])

  // On the way back what was proven is looked at and applied again; a Secret is immutable and only looked at.
  const failed = await asked('crash', /^Rolled back: /)
  const back = objects.filter((object) => !object.startsWith('secrets/'))
  expect(taken(failed.rehearsed)).toEqual(objects)
  expect(failed.rehearsed).toHaveLength(objects.length)
  expect(taken(failed.applies)).toEqual(objects.map((object) => (object.startsWith('secrets/') ? object : `${object} ×2`)))
  expect(failed.applies).toHaveLength(objects.length + back.length + failed.stale.length)
  expect(failed.again).toBe(failed.stale.length)
  expect(taken(failed.reads)).toEqual(objects)
  expect(failed.rest).toEqual([])
  const logs = failed.logs.map(objectOf)
  const reported = new Set(logs)
  expect(reported.size).toBeGreaterThanOrEqual(1)
  expect(reported.size).toBeLessThanOrEqual(3)
  for (const pod of reported) expect(logs.filter((one) => one === pod).length, pod).toBeLessThanOrEqual(2)
  const deleted = [...good.deleted, ...failed.deleted]
  expect(new Set(deleted.map(({ resource, name }) => `${String(resource)}/${name}`)).size).toBe(deleted.length)
}

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

import { judge } from '../../../src/rack/rollout/judge.ts'
import { otherEnds, rules } from '../../../src/rack/rollout/rules.ts'
import { at, cronJob, cronJobRaw, daemonSet, daemonSetRaw, deployment, event, job, node, pod, replicaSet, rollout } from './cluster-objects.ts'
import { expectService } from '../../../src/rack/rollout/rollout-facts.ts'
import type { RolloutFacts } from '../../../src/rack/rollout/rollout-facts.ts'

describe('the table of the rules', () => {
  it('has every rule of rollouts.md 2', () => {
    const numbers = new Set([...rules, ...otherEnds].flatMap(({ number }) => number ?? []))
    expect([...numbers].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
  })
  it('has each id once, and every id that a rule gives to its causes', () => {
    const ids = rules.flatMap((rule) => rule.ids)
    expect(new Set(ids).size).toBe(ids.length)
    const folder = new URL('../../../src/rack/rollout/rules/', import.meta.url)
    const written = readdirSync(folder).flatMap((file) => [...readFileSync(new URL(file, folder), 'utf8').matchAll(/rule: '([a-z-]+)'|'[a-z_]+', '([a-z]+-[a-z-]+)'/g)].map(([, a, b]) => a ?? b))
    expect(written.length).toBeGreaterThan(8)
    expect(written.filter((id) => id !== undefined && !ids.includes(id))).toEqual([])
  })
})

const shuffles = [(list: readonly unknown[]) => list.toReversed(), (list: readonly unknown[]) => [...list.slice(2), ...list.slice(0, 2)], (list: readonly unknown[]) => [...list.slice(1), ...list.slice(0, 1)]]

describe('the order of the facts', () => {
  const crashed = (name: string, owner: string, restarts: number, more: object = {}) => pod(name, owner, [4, { restarts, waiting: ['CrashLoopBackOff'], last: [1, 3], ...more }])
  const made = [expectService('logs', daemonSetRaw()), expectService('cleanup', cronJobRaw())].flatMap((each) => each ?? [])
  const agent = { owner: { kind: 'DaemonSet', uid: 'logs-uid' }, labels: { 'pod-template-generation': '2' } }
  const busy: [string, RolloutFacts][] = [
    ['everything fails', rollout({
      expected: [...rollout().expected, ...made],
      pods: [crashed('a', 'new', 2), crashed('b', 'new', 3), crashed('c', 'new', 2, { node: 'node-2' }), crashed('d', 'logs-uid', 2, agent), crashed('e', 'old', 9)],
      nodes: [node('node-1'), node('node-2', { unschedulable: true }), node('node-3')],
      daemonSets: [daemonSet()], cronJobs: [cronJob()], jobs: [job('cleanup-2', { failedAt: 4 }), job('cleanup-1', { failedAt: 4 }), job('cleanup-3')],
      events: [event('a-uid', 'BackOff', 'x'), event('b-uid', 'BackOff', 'yy'), event('c-uid', 'BackOff', 'zzz')],
    })],
    ['all is well', rollout({
      expected: [...rollout().expected, ...made], deployments: [deployment()], replicaSets: [replicaSet('new'), replicaSet('old', { image: 'shop:1', revision: '1', replicas: 0 }), replicaSet('other', { owner: 'x' })],
      pods: ['a', 'b'].map((name) => pod(name, 'new', [1, { running: 1, ready: true }])), daemonSets: [daemonSet()], cronJobs: [cronJob()], jobs: [job('cleanup-1'), job('cleanup-2')],
    })],
  ]
  const lists = ['deployments', 'replicaSets', 'pods', 'events', 'daemonSets', 'cronJobs', 'jobs', 'nodes'] as const
  it.each(busy)('does not matter when %s, nor do they change by being kept', (_what, facts) => {
    const plain = judge(facts, at(5))
    expect(plain.kind).not.toBe('progressing')
    for (const shuffle of shuffles) {
      const shuffled = { ...facts, ...Object.fromEntries(lists.map((name) => [name, shuffle(facts[name])])) }
      expect(judge(shuffled, at(5))).toEqual(plain)
    }
    expect(judge(JSON.parse(JSON.stringify(facts)), at(5))).toEqual(plain)
  })
})

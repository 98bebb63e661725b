import { describe, expect, it } from 'vitest'

import { judge } from '../../../src/rack/rollout/judge.ts'
import { expectService } from '../../../src/rack/rollout/rollout-facts.ts'
import type { RolloutFacts } from '../../../src/rack/rollout/rollout-facts.ts'
import { at, deployment, deploymentRaw, node, pod, replicaSet, rollout } from './cluster-objects.ts'
import type { PodOptions } from './cluster-objects.ts'
import { fails } from './rules/fails.ts'

const looping: PodOptions = { restarts: 2, waiting: ['CrashLoopBackOff'], last: [1, 3] }
const excusedBy = (facts: RolloutFacts) => {
  const verdict = judge(facts, at(5))
  return verdict.kind === 'undecided' ? undefined : [verdict.kind, verdict.services[0]?.excused]
}

describe('what is not held against a release', () => {
  it.each<[string, PodOptions, Partial<RolloutFacts>, string]>([
    ['is being stopped', { deletedAt: 3 }, {}, 'Stopping'],
    ['was evicted', { reason: 'Evicted', phase: 'Failed' }, {}, 'Evicted'],
    ['was preempted', { reason: 'Preempting', phase: 'Failed' }, {}, 'Preempting'],
    ['went with its node', { reason: 'NodeShutdown', phase: 'Failed' }, {}, 'NodeShutdown'],
    ['was terminated by its node', { reason: 'Terminated', phase: 'Failed' }, {}, 'Terminated'],
    ['lost its node', { reason: 'NodeLost' }, {}, 'NodeLost'],
    ['is the target of a disruption', { conditions: [{ type: 'DisruptionTarget', status: 'True' }] }, {}, 'DisruptionTarget'],
    ['its node could not take after all', { reason: 'OutOfcpu', phase: 'Failed' }, {}, 'PodFailed'],
    ['runs on a cordoned node', {}, { nodes: [node('node-1', { unschedulable: true })] }, 'NodeCordoned'],
    ['runs on a node that is not ready', {}, { nodes: [node('node-1', { ready: 'False' })] }, 'NodeNotReady'],
    ['runs on a node nobody hears from', {}, { nodes: [node('node-1', { ready: 'Unknown' })] }, 'NodeNotReady'],
    ['runs on a node that is being deleted', {}, { nodes: [node('node-1', { deletedAt: 'now' })] }, 'NodeNotReady'],
  ])('is a crashing process that %s, and it is told', (_why, options, more, why) => {
    expect(excusedBy(rollout({ pods: [pod('a', 'new', [4, { ...looping, ...options }])], ...more }))).toEqual(['progressing', [{ pod: 'a', why }]])
    expect(judge(rollout({ pods: [pod('a', 'new', [4, looping])] }), at(5)).kind).toBe('failed')
  })

  it.each<[string, Partial<RolloutFacts>]>([
    ['another node is cordoned', { nodes: [node('node-1'), node('node-2', { unschedulable: true })] }],
    ['its node has said nothing of itself yet', { nodes: [node('node-1', { ready: '' })] }],
    ['its node is not known', { nodes: [node('node-2')] }],
  ])('is held against it while %s', (_why, more) => {
    expect(judge(rollout({ pods: [pod('a', 'new', [4, looping])], ...more }), at(5)).kind).toBe('failed')
  })

  it('is told with the cause of what fails beside it', () => {
    const pods = [pod('a', 'new', [4, looping]), pod('b', 'new', [4, { ...looping, reason: 'Evicted', phase: 'Failed' }])]
    expect(judge(rollout({ pods }), at(5))).toMatchObject({ kind: 'failed', causes: [{ process: 'a', excused: [{ pod: 'b', why: 'Evicted' }] }] })
  })

  it('still serves on a cordoned node, so that a drain to come holds up no rollout', () => {
    const ready = (name: string) => pod(name, 'new', [1, { running: 1, ready: true }])
    const facts = rollout({ deployments: [deployment()], replicaSets: [replicaSet('new')], pods: [ready('a'), ready('b')], nodes: [node('node-1', { unschedulable: true })] })
    expect(judge(facts, at(5))).toMatchObject({ kind: 'complete', services: [{ ready: 2 }] })
  })

  it('is a kubelet that catches up with a Secret', () => {
    const facts = rollout({ pods: [pod('a', 'new', [2, { waiting: ['CreateContainerConfigError', 'failed to sync secret cache: timed out'] }])] })
    expect(fails(facts, 3)).toBeUndefined()
    expect(excusedBy(facts)).toEqual(['progressing', [{ pod: 'a', why: 'KubeletCatchesUp' }]])
  })

  it.each<[string, string, boolean]>([
    ['CreateContainerError', 'context deadline exceeded', true],
    ['CreateContainerError', 'failed to reserve container name "main_web-x": name is reserved', true],
    ['RunContainerError', 'failed to create containerd task: write cgroup.procs: no space left on device', true],
    ['RunContainerError', 'exec: "timeout": executable file not found in $PATH', false],
    ['CreateContainerConfigError', 'secret "timeout" not found', false],
  ])('is a runtime in trouble: %s, "%s": %s', (reason, message, excused) => {
    const facts = rollout({ pods: [pod('a', 'new', [2, { waiting: [reason, message] }])] })
    expect(fails(facts, 3) === undefined).toBe(excused)
    expect(excusedBy(facts)?.[1]).toEqual(excused ? [{ pod: 'a', why: 'NodeTrouble' }] : undefined)
  })

  it.each<[string, [number, number, string?], string | undefined]>([
    ['ContainerCannotRun with 128 is the node\'s', [128, 2, 'ContainerCannotRun'], 'NodeTrouble'],
    ['ContainerCannotRun with 127 is the command\'s', [127, 2, 'ContainerCannotRun'], undefined],
    ['StartError is the command\'s', [128, 2, 'StartError'], undefined],
  ])('%s', (_what, terminated, why) => {
    const facts = rollout({ pods: [pod('a', 'new', [2, { terminated }])] })
    expect(judge(facts, at(3)).kind).toBe(why === undefined ? 'failed' : 'progressing')
    if (why !== undefined) expect(excusedBy(facts)).toEqual(['progressing', [{ pod: 'a', why }]])
  })
})

describe('a sidecar', () => {
  const beside = (restarts: number): PodOptions => ({ running: 1, ready: true, beside: [{ name: 'proxy', running: 9, restarts, last: [1, 8] }] })
  const both = (restarts: number, other = restarts) => rollout({ pods: [pod('a', 'new', [9, beside(restarts)]), pod('b', 'new', [9, beside(other)])] })

  it('may restart, and it is told', () => {
    expect(excusedBy(both(1, 0))).toEqual(['progressing', [{ pod: 'a', why: 'SidecarRestarted' }]])
    expect(fails(both(2), 10)).toBeUndefined()
    expect(fails(both(9, 2), 10)).toBeUndefined()
  })
  it('fails it at one restart more than the service itself, in every new process', () => {
    expect(fails(both(3), 10)).toMatchObject({ after: 10, kind: 'crashed_at_start', cause: { container: 'proxy', restarts: 3, affected: { failing: 2, of: 2 } } })
  })
})

describe('deployment.crashRestartLimit of convox.yml', () => {
  const limited = (limit: string, restarts: number) => {
    const web = expectService('web', deploymentRaw({ annotations: { 'slipway/crash-restart-limit': limit } }))
    return rollout({ expected: web ? [web] : [], pods: [pod('a', 'new', [4, { ...looping, restarts }])] })
  }
  it.each([['1', 1], ['2', 2], ['4', 4]])('fails at restart %s', (limit, restarts) => {
    expect(judge(limited(limit, restarts), at(5))).toMatchObject({ kind: 'failed', causes: [{ kind: 'crashed_at_start', restarts }] })
  })
  it.each([['2', 1], ['4', 3], ['-1', 40]])('with %s takes restart %i, backing off as it is', (limit, restarts) => {
    expect(judge(limited(limit, restarts), at(5)).kind).toBe('progressing')
  })
  it.each([['-1', 'progressing'], ['3', 'progressing'], ['2', 'failed']])('with %s and two exits once ready is %s', (limit, kind) => {
    const flapped = pod('a', 'new', [1, { running: 1, ready: true }], [5, { terminated: [3, 5] }], [6, { running: 6, restarts: 1, last: [3, 5], ready: true }], [9, { terminated: [3, 9], restarts: 1 }])
    expect(judge({ ...limited(limit, 0), pods: [flapped] }, at(10)).kind).toBe(kind)
  })
})

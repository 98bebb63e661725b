import { describe, expect, it } from 'vitest'
import { droppedAutoscalers, leavingTheirs } from '../../../src/rack/rollout/replicas.ts'
import { cronJob, daemonSet, deployment, stamp } from './cluster-objects.ts'

const scaledBy = (manager: string) => deployment({ managedFields: [{ manager, operation: 'Update', subresource: 'scale', time: stamp(3), fieldsV1: { 'f:spec': { 'f:replicas': {} } } }] })
const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 2, paused: false } }
const autoscaler = (name: string) => ({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name }, spec: { scaleTargetRef: { kind: 'Deployment', name } } })
const none = new Set<string>()

describe('the number of processes that is written', () => {
  it.each([['an autoscaler', 'kube-controller-manager'], ['a person', 'kubectl']])('is none where %s has come to own it', (_who, manager) => {
    expect(leavingTheirs(web, scaledBy(manager), none)).toEqual({ ...web, spec: { paused: false } })
  })

  it.each([
    ['it is ours', scaledBy('slipway'), none],
    ['nobody owns it', deployment(), none],
    ['it was set by an autoscaler of ours that goes', scaledBy('kube-controller-manager'), new Set(['web'])],
    ['nothing is there', undefined, none],
    ['what is there has none', daemonSet(), none],
    ['what is there is a timer', cronJob(), none],
  ])('is ours where %s', (_why, live, dropped) => {
    expect(leavingTheirs(web, live, dropped)).toBe(web)
  })

  it('is ours again where an autoscaler goes, not where one comes or stays', () => {
    expect(droppedAutoscalers([autoscaler('web'), autoscaler('worker'), web], [autoscaler('worker'), autoscaler('api')])).toEqual(new Set(['web']))
  })
})

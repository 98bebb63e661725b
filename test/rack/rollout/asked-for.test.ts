import { describe, expect, it } from 'vitest'
import { askedFor } from '../../../src/rack/rollout/asked-for.ts'

const deployment = (replicas?: number) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { paused: false, ...(replicas === undefined ? {} : { replicas }) } })

describe('how many processes a release wants', () => {
  it.each([
    ['what was answered', deployment(2), 2, { uid: 3 }, 2],
    ['what somebody else set, where that is some', deployment(), 1, { uid: 3 }, 1],
    ['none, where we ask for none', deployment(0), 0, { uid: 3 }, 0],
    ['none, where somebody had it so before', deployment(), 0, { uid: 0 }, 0],
    ['what it had before, where somebody else took them away since', deployment(), 0, { uid: 3 }, 3],
    ['some, where it was not there before', deployment(), 0, {}, 1],
    ['what was answered, where nobody kept what was before', deployment(), 0, undefined, 0],
    ['nothing, where the answer does not count', deployment(), undefined, { uid: 3 }, undefined],
  ])('is %s', (_what, sent, replicas, before, wanted) => {
    expect(askedFor(sent, { uid: 'uid', ...(replicas === undefined ? {} : { replicas }) }, before)).toBe(wanted)
  })
})

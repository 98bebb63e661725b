import { describe, expect, it } from 'vitest'
import { runningMixed, runningRestored, serviceLines } from '../../../src/bot/messages/card-progress.ts'
import { mrkdwn } from '../../../src/bot/messages/phrase.ts'
import type { ServiceProgress } from '../../../src/rack/progress.ts'
import { seen } from './support/seen.ts'
import { byStatus, moving, progress, RP, service } from './support/views.ts'

const line = (of: ServiceProgress): string => serviceLines({ ...moving, progress: progress({ services: [of] }) }).map((phrase) => seen(mrkdwn(phrase))).join()

describe('the line of a service', () => {
  it.each<[string, ServiceProgress, string]>([
    ['that somebody paused before it began', service({ service: 'web', state: 'waiting', note: { kind: 'paused', by: 'kubectl-rollout' } }), '○ `web` paused by `kubectl-rollout`'],
    ['that somebody scaled to 0', service({ service: 'web', state: 'waiting', note: { kind: 'scaled_to_zero', by: 'kubectl' } }), '○ `web` scaled to 0 by `kubectl`'],
    ['that somebody scales to 0', service({ service: 'web', state: 'going', ready: 1, desired: 0, note: { kind: 'scaled_to_zero', by: 'kubectl' } }), '● `web` scaled to 0 by `kubectl`'],
    ['that somebody paused half way', service({ service: 'web', state: 'going', ready: 1, desired: 2, note: { kind: 'paused' } }), '● `web` 1 of 2 ready, paused `█████░░░░░`'],
    ['that is a timer', service({ service: 'cleanup', state: 'ready', ready: 0, desired: 0, note: { kind: 'timer' } }), '✓ `cleanup` in place'],
    ['that no node takes', service({ service: 'logs', state: 'ready', ready: 0, desired: 0, note: { kind: 'no_node' } }), '✓ `logs` runs on no node'],
    ['that is scaled to 0', service({ service: 'web', state: 'ready', ready: 0, desired: 0 }), '✓ `web` scaled to 0'],
  ])('%s', (_what, of, words) => {
    expect(line(of)).toBe(words)
  })

  const timer = service({ service: 'cleanup', ready: 0, desired: 0, release: RP, note: { kind: 'timer' } })
  it('is no count in the end for a timer', () => {
    expect(seen(mrkdwn(runningRestored({ ...byStatus.rolled_back, progress: progress({ services: [service({ service: 'web', ready: 2, desired: 2 }), timer] }) })))).toBe(`\`${RP}\`: \`web\` 2 of 2 ready`)
    expect(seen(mrkdwn(runningMixed({ ...byStatus.rollback_failed, progress: progress({ services: [timer] }) })))).toBe(`\`cleanup\` \`${RP}\` in place`)
  })
})

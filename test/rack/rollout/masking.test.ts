import { describe, expect, it } from 'vitest'
import type { Cause } from '../../../src/rack/cause.ts'
import { createMask } from '../../../src/rack/env/mask.ts'
import type { Warning } from '../../../src/rack/progress.ts'
import { excerptLines, maskCause, maskServices } from '../../../src/rack/rollout/evidence.ts'
import { moreWarnings } from '../../../src/rack/rollout/more-warnings.ts'

const secret = 'hunter2-is-my-password'
/** What a program or the cluster may make of it before it says it. */
const forms: readonly (readonly [string, string])[] = [
  ['as it is', secret], ['in base64', Buffer.from(secret).toString('base64')], ['in base64 behind another byte', Buffer.from(`:${secret}`).toString('base64')],
  ['in base64 behind two', Buffer.from(`::${secret}`).toString('base64')], ['URL-encoded', encodeURIComponent(`${secret} `)], ['in JSON', JSON.stringify({ key: secret })],
]
const mask = createMask([secret])
const seen = (value: unknown): string => JSON.stringify(value)

describe('what the cluster said, before it is kept', () => {
  it.each(forms)('holds no env value %s', (_how, text) => {
    const cause: Cause = { kind: 'cannot_start', rule: 'cannot-start', service: 'web', message: `exec: ${text}: not found`, command: `bin/web ${text}`, path: `/up?key=${text}`, firstSeen: '2026-11-24T14:05:14Z' }
    const warnings: Warning[] = [
      { kind: 'not_removed', object: 'Deployment cron', why: text }, { kind: 'not_stopped', object: 'Deployment web', why: text },
      { kind: 'timer_suspended', timer: 'clean', why: text }, { kind: 'pull_secret_not_copied', secret: 'slipway/slipway-pull', why: text }, { kind: 'dry_run_unsupported', object: 'Deployment web', why: text },
    ]
    const service = { service: 'web', state: 'failed' as const, ready: 0, desired: 1, oldRunning: 0, oldStopping: 0, cause }
    const said = seen([maskCause(cause, mask), maskServices([service], mask), moreWarnings({ warnings: null }, warnings, mask), excerptLines(`a line\n${text}\n`, mask)])
    expect(said).not.toContain(text)
    expect(said.split('****').length - 1).toBeGreaterThanOrEqual(12)
  })

  it('keeps what says why: kinds, names, numbers', () => {
    const cause: Cause = { kind: 'crashed_at_start', rule: 'crash-loop', service: 'web', process: 'web-1', reason: 'CrashLoopBackOff', exitCode: 1, firstSeen: '2026-11-24T14:05:14Z' }
    expect(maskCause(cause, mask)).toEqual(cause)
    expect(moreWarnings({ warnings: null }, [], mask)).toEqual({})
    expect(moreWarnings({ warnings: null }, [{ kind: 'older', active: 'RA' }], mask)).toEqual({ warnings: [{ kind: 'older', active: 'RA' }] })
  })

  it('hides a value whose end the cut of a line takes away', () => {
    const line = `${'x'.repeat(190)}${secret}`
    expect(excerptLines(line, mask)[0]).toBe(`${'x'.repeat(190)}****`)
  })
})

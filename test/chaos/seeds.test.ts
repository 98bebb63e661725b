import { writeFileSync } from 'node:fs'
import { describe, expect, inject, it } from 'vitest'
import { scriptOf } from '../../sandbox/slack/chaos/script.ts'
import { ground, runScript } from './run.ts'

const setting = (name: string): string | undefined => process.env[`CHAOS_${name}`]
const first = Number(setting('SEED') ?? 1)
const seeds = Array.from({ length: Number(setting('SEEDS') ?? 20) }, (_, index) => first + index)

describe.concurrent('five promotions at once while Slack misbehaves', () => {
  it.each(seeds)('are told once, in order and to the end: seed %i', { timeout: 300_000 }, async (seed) => {
    const script = scriptOf(seed, ground)
    const { faults, occurred, seconds, logged, shown } = await runScript(script, inject('slipwayBundle'))
    process.stdout.write(`${faults.length === 0 ? 'right' : 'WRONG'} seed ${String(seed)} (${script.kinds.join(', ')}) after ${seconds.toFixed(0)} s, ${String(occurred.length)} troubles\n${faults.map((fault) => `  ${fault}\n`).join('')}`)
    const log = setting('LOG')
    if (log !== undefined && faults.length > 0) writeFileSync(`${log}-${String(seed)}`, [...faults, ...occurred, shown, logged].join('\n'))
    expect(faults, `npm run soak -- --parts chaos --seed ${String(seed)}\n${occurred.join('\n')}`).toEqual([])
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rolloutsDoc } from '../../scripts/rollouts-doc.ts'
import { otherEnds, rules } from '../../src/rack/rollout/rules.ts'

describe('docs/rollouts.md', () => {
  const written = readFileSync(new URL('../../docs/rollouts.md', import.meta.url), 'utf8')

  it('is what the code says of itself: else run npm run docs', () => {
    expect(written).toBe(rolloutsDoc())
  })

  it('has a row for every rule, with its grace periods', () => {
    for (const rule of [...rules, ...otherEnds]) for (const id of rule.ids) expect(written).toMatch(new RegExp(`^\\| [^|]*\`${id}\`[^|]* \\| ${rule.title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')} \\|`, 'm'))
    expect(written).toContain('| 15 s: not found or refused; 2 min: rate limit')
  })

  it('is what the README links to', () => {
    expect(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).toContain('](docs/rollouts.md)')
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readmeWithTables } from '../../scripts/readme-tables.ts'
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

describe('README.md', () => {
  const written = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

  it('has the commands and settings of the code: else run npm run docs', () => {
    expect(written).toBe(readmeWithTables(written))
  })

  it('is behind when a row is not the code\'s any more', () => {
    const old = written.replace(/^\| `releases promote .*\n/m, '| `releases promote` | everybody | Does it. |\n').replace(/^\| `PORT`.*\n/m, '')
    expect(old).not.toBe(written)
    expect(readmeWithTables(old)).toBe(written)
  })

  it('loses no table to a marker that is gone', () => {
    expect(() => readmeWithTables(written.replace('<!-- end of commands -->', ''))).toThrow('lacks the markers of its table of commands')
  })
})

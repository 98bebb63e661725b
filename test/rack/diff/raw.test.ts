import { describe, expect, it } from 'vitest'
import { rawDifference } from '../../../src/rack/diff/raw.ts'

describe('the difference as diff -u shows it', () => {
  it('is empty for equal texts', () => {
    expect(rawDifference({ name: 'RA', text: 'services: {}\n' }, { name: 'RB', text: 'services: {}\n' })).toBe('')
  })

  it('names both releases and shows three lines around each change', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`)
    const after = lines.with(10, 'changed')
    expect(rawDifference({ name: 'RA', text: `${lines.join('\n')}\n` }, { name: 'RB', text: `${after.join('\n')}\n` })).toBe([
      '--- RA/convox.yml', '+++ RB/convox.yml', '@@ -8,7 +8,7 @@', ' line 7', ' line 8', ' line 9', '-line 10', '+changed', ' line 11', ' line 12', ' line 13', '',
    ].join('\n'))
  })

  it('shows all of a first one', () => {
    expect(rawDifference({ name: 'none', text: '' }, { name: 'RB', text: 'services:\n  web: {}\n' })).toContain('+services:\n+  web: {}\n')
  })

  it('shows both texts whole when they have too much not in common', () => {
    const text = (word: string): string => Array.from({ length: 60_000 }, (_, index) => `${word} ${index}`).join('\n')
    const patch = rawDifference({ name: 'RA', text: text('old') }, { name: 'RB', text: text('new') })
    expect(patch.split('\n').filter((line) => /^[-+](old|new) /.test(line))).toHaveLength(120_000)
  })
})

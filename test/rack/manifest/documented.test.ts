import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseManifest } from '../../../src/rack/manifest/parse.ts'

const page = readFileSync(new URL('../../../docs/convox-yml.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text)

describe('docs/convox-yml.md', () => {
  it('has examples', () => {
    expect(examples).toHaveLength(3)
  })

  it.each(examples.map((text) => [text.split('\n')[0], text] as const))('has an example that is right: %s', (_first, text) => {
    const parsed = parseManifest(text)
    expect(parsed.ok ? [] : parsed.errors).toEqual([])
  })
})

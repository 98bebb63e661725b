import { describe, expect, it } from 'vitest'
import { describeRequiredEnv, environmentDefaults, interpolate, requiredEnv } from '../../../src/rack/manifest/interpolate.ts'
import { parseManifest } from '../../../src/rack/manifest/parse.ts'
import type { Manifest, Service } from '../../../src/rack/manifest/manifest.ts'

const manifest = (yaml: string): Manifest => {
  const parsed = parseManifest(yaml)
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'))
  return parsed.manifest
}

const first = (parsed: Manifest): Service => {
  const [service] = parsed.services
  if (service === undefined) throw new Error('no service')
  return service
}

describe('interpolation', () => {
  it.each([
    ['a ${FOO} b', 'a 1 b'],
    ['${FOO}${FOO}', '11'],
    ['${MISSING}', ''],
    ['$FOO', '$FOO'],
    ['${FOO:-x}', '${FOO:-x}'],
    ['${DOLLAR}', '$& ${FOO}'],
    ['${constructor}', ''],
  ])('turns %s into %s', (text, expected) => {
    expect(interpolate(text, { FOO: '1', DOLLAR: '$& ${FOO}' })).toBe(expected)
  })
})

describe('required env', () => {
  const parsed = manifest('environment: [B]\nservices:\n  web:\n    environment: [A, "C=default"]\n  worker:\n    environment: [A]\n')

  it('names every key without a default that the release lacks, sorted, once', () => {
    expect(requiredEnv(parsed, {})).toEqual(['A', 'B'])
    expect(describeRequiredEnv(requiredEnv(parsed, {}))).toBe('required env: A, B')
  })

  it('is satisfied by an empty value, but not by an inherited property', () => {
    expect(requiredEnv(parsed, { A: '', B: 'x' })).toEqual([])
    expect(requiredEnv(manifest('services:\n  web:\n    environment: [toString]\n'), {})).toEqual(['toString'])
  })
})

describe('the defaults of a service', () => {
  it('take values from the release, and the later entry', () => {
    const parsed = manifest('environment: ["URL=http://${HOST}", "X=top"]\nservices:\n  web:\n    environment: ["X=${HOST}!", KEY]\n')
    expect(environmentDefaults(first(parsed), { HOST: 'db' })).toEqual({ URL: 'http://db', X: 'db!' })
  })
})

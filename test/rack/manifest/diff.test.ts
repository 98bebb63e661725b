import { describe, expect, it } from 'vitest'
import { diffManifests } from '../../../src/rack/manifest/diff.ts'
import { diffImages } from '../../../src/rack/manifest/image-diff.ts'
import type { Manifest } from '../../../src/rack/manifest/manifest.ts'
import { parseManifest } from '../../../src/rack/manifest/parse.ts'

const manifest = (yaml: string): Manifest => {
  const parsed = parseManifest(yaml)
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'))
  return parsed.manifest
}

const web = (yaml: string): Manifest => manifest(`services:\n  web:\n${yaml.split('\n').map((line) => `    ${line}`).join('\n')}\n`)

describe('the difference of two manifests', () => {
  it.each([
    ['scale: 2', 'scale: 3', [['web scale 2 → 3', true]]],
    ['scale: 2', 'scale: 2-5', [['web scale 2 → 2-5', true]]],
    ['scale: {memory: 512}', 'scale: {memory: 1024, limit: {memory: 2048}}', [['web scale.memory 512Mi → 1024Mi', true], ['web scale.limit.memory none → 2048Mi', true]]],
    ['command: a', 'command: b', [['web command a → b', false]]],
    ['build: .', 'image: shop:1', [['web image build . (Dockerfile) → shop:1', false]]],
    ['port: 1', 'port: https:1', [['web port 1 → https:1', false]]],
    ['port: 1', 'port: 1\nhealth: /up', [['web health / (every 5s, grace 5s, timeout 4s) → /up (every 5s, grace 5s, timeout 4s)', true]]],
    ['port: 1', 'port: 1\nhealth: {disable: true}', [['web health / (every 5s, grace 5s, timeout 4s) → disabled', true]]],
    ['port: 1', 'port: 1\nliveness: {path: /l}', [['web liveness none → /l (every 5s, grace 10s, timeout 5s, fails after 3)', true]]],
    ['singleton: false', 'singleton: true', [['web deployment.minimum 50% → 0%', false], ['web deployment.maximum 200% → 100%', false], ['web singleton false → true', false]]],
    ['drain: 30', 'drain: 60', [['web termination.grace 30s → 60s', false]]],
    ['environment: [A, "B=secret1", C]', 'environment: [A, "B=secret2", D]', [['web environment add:D change:B remove:C', false]]],
    ['scale: 1', '{}', [['web no change', false]]],
  ])('from %j to %j reads well', (before, after, lines) => {
    expect(diffManifests(web(before), web(after))).toEqual(lines.map(([text, important]) => ({ text, important })))
  })

  it('names services that come and go, in the order of the new file', () => {
    const lines = diffManifests(manifest('services:\n  old: {}\n  web: {}\n'), manifest('services:\n  fresh: {scale: 2}\n  web: {}\n'))
    expect(lines.map(({ text }) => text)).toEqual(['fresh added, scale 2', 'web no change', 'old removed'])
  })

  it('adds every service of a first release', () => {
    expect(diffManifests(null, web('scale: 2'))).toEqual([{ text: 'web added, scale 2', important: true }])
  })

  it('leaves variables as they are written', () => {
    expect(JSON.stringify(diffManifests(web('environment: ["A=${X}"]'), web('environment: ["A=${Y}"]')))).not.toContain('${')
  })
})

describe('the difference of two builds', () => {
  const digest = (char: string): string => `sha256:${char.repeat(64)}`

  it('puts services with the same change together and leaves out what stays', () => {
    const before = { web: `shop:1@${digest('a')}`, worker: `shop:1@${digest('a')}`, cache: `redis:7@${digest('c')}` }
    const after = { web: `shop:2@${digest('b')}`, worker: `shop:2@${digest('b')}`, cache: `redis:7@${digest('c')}` }
    expect(diffImages(before, after, { gitSha: '0a1b', message: 'fix' })).toEqual([
      { services: ['web', 'worker'], from: 'shop:1', to: 'shop:2', digest: digest('b'), gitSha: '0a1b', message: 'fix' },
    ])
  })

  it('sees the same tag with another digest, a new service and a tag that is not pinned', () => {
    expect(diffImages({ web: `shop:1@${digest('a')}` }, { web: `shop:1@${digest('b')}`, job: 'job:1' })).toEqual([
      { services: ['web'], from: 'shop:1', to: 'shop:1', digest: digest('b') },
      { services: ['job'], to: 'job:1' },
    ])
  })

  it('knows no earlier image for a first release', () => {
    expect(diffImages(null, { web: 'shop:1' })).toEqual([{ services: ['web'], to: 'shop:1' }])
  })
})

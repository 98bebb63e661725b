import { describe, expect, it } from 'vitest'
import { maxSecretBytes, mergedEnv, secretOverflow } from '../../../src/rack/env/merged.ts'
import type { Service } from '../../../src/rack/manifest/manifest.ts'
import { parseManifest } from '../../../src/rack/manifest/parse.ts'

const web = (yaml: string): Service => {
  const parsed = parseManifest(`services:\n  web:\n${yaml}`)
  const service = parsed.ok ? parsed.manifest.services[0] : undefined
  if (service === undefined) throw new Error('no service')
  return service
}

const sources = { rack: 'convox', app: 'shop', release: { id: 'RABCDEFGHIJ' }, build: { id: 'BABCDEFGHIJ', description: 'fix it' }, env: {} }

describe('the environment of a process', () => {
  it('holds what is known of the release, and no rack password', () => {
    expect(mergedEnv(web('    port: 5000\n'), sources)).toEqual({
      RACK: 'convox', APP: 'shop', RELEASE: 'RABCDEFGHIJ', BUILD: 'BABCDEFGHIJ', BUILD_DESCRIPTION: 'fix it', BUILD_GIT_SHA: '', SERVICE: 'web', PORT: '5000',
    })
  })

  it('has no PORT without a port', () => {
    expect(mergedEnv(web('    command: x\n'), sources)).not.toHaveProperty('PORT')
  })

  it('lets the manifest go over ours and the env over both, whole', () => {
    const service = web('    port: 5000\n    environment: ["PORT=1", "LEVEL=info", "URL=http://${HOST}"]\n')
    expect(mergedEnv(service, { ...sources, build: { ...sources.build, gitSha: '0a1b' }, env: { LEVEL: 'debug', HOST: 'db', APP: 'own', OTHER: 'x' } })).toMatchObject({
      PORT: '1', LEVEL: 'debug', URL: 'http://db', HOST: 'db', APP: 'own', OTHER: 'x', BUILD_GIT_SHA: '0a1b',
    })
  })
})

describe('the size of a Secret', () => {
  it('counts bytes of keys and values and names the largest key', () => {
    expect(secretOverflow({ A: 'x'.repeat(maxSecretBytes - 1) })).toBeUndefined()
    expect(secretOverflow({ A: 'x'.repeat(maxSecretBytes) })).toEqual({ bytes: maxSecretBytes + 1, largest: 'A' })
    expect(secretOverflow({ SMALL: 'x', BIG: 'ä'.repeat(maxSecretBytes / 2) })).toMatchObject({ largest: 'BIG' })
  })
})

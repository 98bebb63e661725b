import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { loadKubeConfig, openCredentials, type Credentials } from '../../../src/rack/cluster/credentials.ts'
import { selfSigned } from './scripted-server.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-kubeconfig-'))
  mkdirSync(join(folder, 'bin'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** As a process in another directory reads it. */
const credentialsOf = (user: Readonly<Record<string, unknown>>, cluster: Readonly<Record<string, unknown>> = {}): Credentials => {
  const path = join(folder, 'kubeconfig')
  writeFileSync(path, stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'it', contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    clusters: [{ name: 'it', cluster: { server: 'https://127.0.0.1:1', ...cluster } }], users: [{ name: 'it', user }],
  }))
  return openCredentials(() => loadKubeConfig(readFileSync(path, 'utf8'), null, path))
}

describe('relative paths in a kubeconfig begin where it is', () => {
  it('those of certificates and keys', async () => {
    const pems = await selfSigned()
    for (const [name, text] of [['ca.crt', pems.cert], ['client.crt', pems.cert], ['client.key', pems.private]] as const) writeFileSync(join(folder, name), text)
    const tls = await credentialsOf({ 'client-certificate': 'client.crt', 'client-key': './client.key' }, { 'certificate-authority': 'ca.crt' }).tls()
    expect([tls.ca, tls.cert, tls.key].map(String)).toEqual([pems.cert, pems.cert, pems.private])
  })

  it.each([
    ['a token in a file', { tokenFile: 'token' }],
    ['a token in a file rather than one beside it', { tokenFile: 'token', token: 'old' }],
    ['a plugin', { exec: { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', command: './bin/plugin' } }],
  ])('that of %s', async (_what, user) => {
    writeFileSync(join(folder, 'token'), 'here\n')
    writeFileSync(join(folder, 'bin', 'plugin'), `#!/bin/sh\necho '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"here"}}'\n`)
    chmodSync(join(folder, 'bin', 'plugin'), 0o755)
    expect(await credentialsOf(user).headers()).toMatchObject({ Authorization: 'Bearer here' })
  })

  it('and not those of a command that is looked up, or of a token that stands in it', () => {
    const config = loadKubeConfig(stringify({
      'current-context': 'it', contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }], clusters: [{ name: 'it', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'it', user: { exec: { command: 'aws' } } }, { name: 'other', user: { token: 'here' } }, { name: 'nobody' }],
    }), null, '/etc/slipway/kubeconfig')
    expect(config.users.map(({ exec, token }) => exec?.command ?? token)).toEqual(['aws', 'here', undefined])
  })
})

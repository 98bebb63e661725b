import { describe, expect, it } from 'vitest'
import { parseChallenge } from '../../../src/rack/registry/challenge.ts'
import { parseDockerConfig } from '../../../src/rack/registry/credentials.ts'
import { isLoopback, isSameSite } from '../../../src/rack/registry/hosts.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('DOCKER_CONFIG', () => {
  it('reads auth, and username with password, for hosts in every form', () => {
    const parsed = parseDockerConfig(JSON.stringify({
      auths: {
        'https://index.docker.io/v1/': { auth: base64('ana:pa:ss') },
        'ghcr.io': { username: 'bo', password: 'token' },
        'https://registry.example.com:5000/v2/': { auth: base64('cy:x') },
      },
    }))
    expect(parsed.ok && [...parsed.credentials]).toEqual([
      ['docker.io', { username: 'ana', password: 'pa:ss' }], ['ghcr.io', { username: 'bo', password: 'token' }], ['registry.example.com:5000', { username: 'cy', password: 'x' }],
    ])
  })

  it('may have no credentials at all', () => {
    const parsed = parseDockerConfig('{}')
    expect(parsed.ok && parsed.credentials.size).toBe(0)
  })

  it.each([
    ['not json: s3cret', ['DOCKER_CONFIG: the file is not JSON.']],
    ['{"credsStore":"desktop","auths":{"ghcr.io":{}}}', ['DOCKER_CONFIG: `credsStore` is not supported: no helper program runs here. Put the credentials under `auths`.']],
    ['{"credHelpers":{"gcr.io":"gcloud"}}', ['DOCKER_CONFIG: `credHelpers` is not supported: no helper program runs here. Put the credentials under `auths`.']],
    ['{"auths":{"ghcr.io":{}}}', ['DOCKER_CONFIG: `auths` of ghcr.io: it has neither `auth` nor username and password.']],
    ['{"auths":{"ghcr.io":{"auth":"s3cret"},"quay.io":{"identitytoken":"s3cret"}}}', ['DOCKER_CONFIG: `auths` of ghcr.io: `auth` is not base64 of name:password.', 'DOCKER_CONFIG: `auths` of quay.io: identity and registry tokens are not supported: give username and password.']],
    ['{"auths":{"ghcr.io/acme":{"auth":"YTpi"}}}', ['DOCKER_CONFIG: `auths` of ghcr.io/acme: a registry is named by its host, without a path.']],
    ['{"auths":{"ghcr.io":{"auth":5}}}', ['DOCKER_CONFIG: `auths.ghcr.io.auth`: Invalid input: expected string, received number.']],
  ])('%s is refused without showing a secret', (text, errors) => {
    const parsed = parseDockerConfig(text)
    expect(parsed.ok ? [] : parsed.errors).toEqual(errors)
    expect(JSON.stringify(parsed)).not.toContain('s3cret')
  })
})

describe('a challenge', () => {
  it.each([
    ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"', { scheme: 'bearer', realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/nginx:pull' }],
    ['bearer realm="https://a/t", scope="a,b"', { scheme: 'bearer', realm: 'https://a/t', scope: 'a,b' }],
    ['Basic realm="Registry"', { scheme: 'basic' }],
    ['Basic realm="R", Bearer realm="https://a/t",service="s"', { scheme: 'bearer', realm: 'https://a/t', service: 's' }],
    ['Bearer realm="https://a/t",service="s", Basic realm="R"', { scheme: 'bearer', realm: 'https://a/t', service: 's' }],
    ['Bearer error="x"', undefined],
    ['Negotiate', undefined],
    ['', undefined],
  ])('%s is understood', (header, challenge) => {
    expect(parseChallenge(header)).toEqual(challenge)
  })
})

describe('a host', () => {
  it.each([
    ['registry-1.docker.io', 'auth.docker.io', true], ['registry.gitlab.com', 'gitlab.com', true], ['ghcr.io', 'ghcr.io', true],
    ['127.0.0.1:5000', '127.0.0.1:5001', true], ['registry.shop.co.uk', 'auth.shop.co.uk', true],
    ['registry.shop.co.uk', 'auth.evil.co.uk', false], ['registry.example.com', 'example.org', false], ['ghcr.io', 'evil.ghcr.io.attacker.com', false],
    ['127.0.0.1', '10.0.0.1', false], ['localhost', 'evil.com', false], ['docker.io', 'io', false],
  ])('%s may have its credentials sent to %s: %s', (registry, realm, same) => {
    expect(isSameSite(registry, realm)).toBe(same)
  })

  it.each([['localhost', true], ['localhost:5000', true], ['127.0.0.1:5000', true], ['127.1.2.3', true], ['[::1]:5000', true], ['127.0.0.1.evil.com', false], ['registry.local', false], ['10.0.0.1', false]])('%s is this machine: %s', (host, loopback) => {
    expect(isLoopback(host)).toBe(loopback)
  })
})

import { describe, expect, it } from 'vitest'
import { parseReference, referenceText, splitPinned } from '../../../src/rack/registry/reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('an image reference', () => {
  it.each([
    ['nginx', { name: 'nginx', registry: 'docker.io', repository: 'library/nginx', tag: 'latest' }],
    ['nginx:1.27', { name: 'nginx', registry: 'docker.io', repository: 'library/nginx', tag: '1.27' }],
    ['acme/shop:1', { name: 'acme/shop', registry: 'docker.io', repository: 'acme/shop', tag: '1' }],
    ['docker.io/nginx', { name: 'docker.io/nginx', registry: 'docker.io', repository: 'library/nginx', tag: 'latest' }],
    ['index.docker.io/acme/shop', { name: 'index.docker.io/acme/shop', registry: 'docker.io', repository: 'acme/shop', tag: 'latest' }],
    ['ghcr.io/acme/shop/web:v1', { name: 'ghcr.io/acme/shop/web', registry: 'ghcr.io', repository: 'acme/shop/web', tag: 'v1' }],
    ['localhost/shop', { name: 'localhost/shop', registry: 'localhost', repository: 'shop', tag: 'latest' }],
    ['localhost:5000/shop:ok', { name: 'localhost:5000/shop', registry: 'localhost:5000', repository: 'shop', tag: 'ok' }],
    ['127.0.0.1:5000/shop', { name: '127.0.0.1:5000/shop', registry: '127.0.0.1:5000', repository: 'shop', tag: 'latest' }],
    ['[::1]:5000/shop:ok', { name: '[::1]:5000/shop', registry: '[::1]:5000', repository: 'shop', tag: 'ok' }],
    [`shop@${digest}`, { name: 'shop', registry: 'docker.io', repository: 'library/shop', digest }],
    [`ghcr.io/a/b:c@${digest}`, { name: 'ghcr.io/a/b', registry: 'ghcr.io', repository: 'a/b', tag: 'c', digest }],
    ['a/b_c__d.e-f--g', { name: 'a/b_c__d.e-f--g', registry: 'docker.io', repository: 'a/b_c__d.e-f--g', tag: 'latest' }],
  ])('%s is read by the rules of Docker', (text, reference) => {
    expect(parseReference(text)).toEqual({ ok: true, reference })
  })

  it.each([
    ['', 'it is empty'],
    ['shop latest', 'it holds white space'],
    ['https://ghcr.io/a/b', 'it begins with a scheme; leave out everything up to ://'],
    ['Shop', 'its name must be lower case'],
    ['ghcr.io/Acme/shop', 'its name must be lower case'],
    ['shop:', 'its tag is empty'],
    ['shop:.bad', '".bad" is not a tag'],
    [`shop:${'t'.repeat(129)}`, `"${'t'.repeat(129)}" is not a tag`],
    ['shop@sha256:abc', 'its digest is not sha256: and 64 hex digits'],
    ['shop@', 'its digest is not sha256: and 64 hex digits'],
    [':tag', 'it has no name'],
    ['/shop', '"/shop" is not a repository name'],
    ['a//b', '"a//b" is not a repository name'],
    ['a/-b', '"a/-b" is not a repository name'],
    ['host.:5000/a', '"host.:5000" is not a registry host'],
    ['host.example:99999/a', '"host.example:99999" is not a registry host'],
    ['ghcr.io/', '"" is not a repository name'],
    [`${'a'.repeat(256)}`, 'its name is longer than 255 characters'],
  ])('%j is refused with its reason', (text, why) => {
    expect(parseReference(text)).toEqual({ ok: false, why })
  })

  it.each(['nginx:1.27', `shop@${digest}`, `ghcr.io/a/b:c@${digest}`, 'localhost:5000/shop:ok'])('%s is written as it was read', (text) => {
    const parsed = parseReference(text)
    expect(parsed.ok && referenceText(parsed.reference)).toBe(text)
  })

  it('splits what people read from the digest', () => {
    expect(splitPinned(`shop:1@${digest}`)).toEqual({ written: 'shop:1', digest })
    expect(splitPinned('shop:1')).toEqual({ written: 'shop:1' })
  })
})

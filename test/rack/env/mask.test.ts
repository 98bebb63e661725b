import { describe, expect, it } from 'vitest'
import { createMask, masked, maskValues } from '../../../src/rack/env/mask.ts'

const secret = 'hunter2-is+my/pass?word&'

describe('masking', () => {
  it.each([
    ['as it is', `connecting with ${secret} now`, 'connecting with **** now'],
    ['inside a word', `x${secret}y`, 'x****y'],
    ['in base64', `token ${Buffer.from(secret).toString('base64')} end`, 'token **** end'],
    ['in base64 without padding', Buffer.from(secret).toString('base64').replaceAll('=', ''), masked],
    ['in URL-safe base64', Buffer.from(secret).toString('base64url'), masked],
    ['URL-encoded', `?p=${encodeURIComponent(secret)}&q=1`, '?p=****&q=1'],
    ['URL-encoded in lower case', encodeURIComponent(secret).toLowerCase(), masked],
  ])('hides a value %s', (_how, text, expected) => {
    expect(maskValues(text, [secret])).toBe(expected)
  })

  it.each([0, 1, 2, 3, 4, 5])('hides a value behind %i other bytes in base64', (before) => {
    const text = Buffer.from(`${'u'.repeat(before)}${secret}tail`).toString('base64')
    expect(maskValues(`Authorization: ${text}!`, [secret])).toBe('Authorization: ****!')
  })

  it('hides a value with quotes and line breaks in its JSON forms, and each of its lines', () => {
    const value = '-----first "line"\nsecond line-----'
    const once = JSON.stringify({ key: value })
    expect(maskValues(once, [value])).toBe('{"key":"****"}')
    expect(maskValues(JSON.stringify({ log: once }), [value])).not.toContain('second')
    expect(maskValues('it said: second line-----', [value])).toBe('it said: ****')
  })

  const told = 'a<b>&"c"/ä→😀 \\end'
  const unicode = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  const asJson = JSON.stringify(told).slice(1, -1)

  it.each([
    ['JavaScript', asJson], ['Go', asJson.replaceAll(/[<>&]/g, unicode)], ['Python', asJson.replaceAll(/[^ -~]/g, unicode)], ['PHP', asJson.replaceAll('/', '\\/')], ['one JSON in another', JSON.stringify(asJson).slice(1, -1)],
  ])('hides a value as %s writes it in JSON', (_language, text) => {
    expect(maskValues(`{"k":"${text}"}`, [told])).toBe('{"k":"****"}')
  })

  it.each([0, 1, 2])('hides a value whose base64, behind %i other bytes, is itself in a URL or in JSON', (before) => {
    const value = '>>>???~~~ÿÿÿ>>>???'
    const text = Buffer.from(`${'u'.repeat(before)}${value}`).toString('base64')
    expect(text).toMatch(/[+/]/)
    const left = (encoded: string): string => maskValues(encoded, [value]).replaceAll('*', '').replaceAll(/%3D|%3d|=|\\/g, '')
    const inUrl = encodeURIComponent(text)
    for (const encoded of [inUrl, inUrl.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()), text.replaceAll('/', '\\/')]) {
      expect(left(encoded).length).toBeLessThanOrEqual(6)
    }
  })

  it('hides each of thousands of values, in each form, and leaves the rest as it is', () => {
    const values = Array.from({ length: 5000 }, (_, index) => `v${index}-${(index * 2_654_435_761 % 4_294_967_296).toString(36)}-${index * 7}!`)
    const mask = createMask(values)
    for (const value of [values[0], values[1234], values[4999]]) {
      const text = value ?? ''
      expect(mask(`said ${text} and ${Buffer.from(text).toString('base64')} and ${encodeURIComponent(text)} end`)).toBe('said **** and **** and **** end')
    }
    expect(mask('GET /orders/17 in 12 ms')).toBe('GET /orders/17 in 12 ms')
  })

  it('hides the password of a URL where it stands alone', () => {
    expect(maskValues('auth failed for s3cretPw', ['postgres://shop:s3cretPw@db/shop'])).toBe('auth failed for ****')
  })

  it('hides short values as whole words only, and very short ones not at all', () => {
    expect(maskValues('FOO=bar, foobar, (bar)', ['bar'])).toBe('FOO=****, foobar, (****)')
    expect(maskValues('YmFy YmFyCg== FOO=YmFy xYmFy', ['bar'])).toBe('**** **** FOO=**** xYmFy')
    expect(maskValues('a 1 on', ['1', 'on', ''])).toBe('a 1 on')
  })

  it('leaves the words that every log holds', () => {
    expect(maskValues('level=info production true', ['info', 'production', 'true'])).toBe('level=info production true')
    expect(maskValues('information', ['information'])).toBe(masked)
  })

  it('hides overlapping values whole', () => {
    expect(maskValues('abcdefghij', ['abcdefg', 'defghij'])).toBe(masked)
    expect(maskValues('xx secretsecret yy', ['secret', 'secretsecret'])).toBe('xx **** yy')
  })

  it('hides a value of another alphabet', () => {
    expect(maskValues(`pässwörd→ ${Buffer.from('pässwörd→').toString('base64')} ${encodeURIComponent('pässwörd→')}`, ['pässwörd→'])).toBe('**** **** ****')
  })

  it('takes a value that is not proper Unicode', () => {
    expect(maskValues('a lone\ud800value b', ['lone\ud800value'])).toBe('a **** b')
  })

  it.each([
    ['password=abc123 next', 'password=**** next'],
    ['{"api_key": "xyz-1", "a": 1}', '{"api_key": ****, "a": 1}'],
    ['postgres://user:pw@host/db', 'postgres://user:****@host/db'],
    ['Authorization: Bearer abcDEF123456', 'Authorization: Bearer ****'],
    ['xoxb-1234567890-abcdef', '****'],
    ['ghp_abcdefghijklmnopqrstuvwxyz0123456789 pushed', '**** pushed'],
    ['AKIAIOSFODNN7EXAMPLE', '****'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def', '****'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nok', '****\nok'],
  ])('hides what looks like a secret in %j', (text, expected) => {
    expect(maskValues(text, [])).toBe(expected)
  })

  it.each(['secret "nope" not found', 'token signature is invalid', 'Basic authentication failed', 'requested: secrets=1', 'Readiness probe failed: HTTP probe failed with statuscode: 503', 'GET http://host:3000/path'])('leaves %j alone', (text) => {
    expect(maskValues(text, ['some-other-value'])).toBe(text)
  })

  it('hides every one of 500 values in a log of 64 KB, whatever its form', () => {
    const values = Array.from({ length: 500 }, (_, index) => `postgres://common-prefix-of-all/${index}/${(index * 7919).toString(36)}!`)
    const forms = values.flatMap((value, index) => [value, Buffer.from(`${'p'.repeat(index % 3)}${value}`).toString('base64'), encodeURIComponent(value)])
    const text = forms.join(' ').slice(0, 65_536)
    const result = createMask(values)(text)
    expect(result).not.toContain('common-prefix')
    expect(result.replaceAll(masked, '').trim().length).toBeLessThan(100)
  })

  it('is quick on a text made to be slow', () => {
    const values = Array.from({ length: 500 }, (_, index) => 'a'.repeat(50 + index))
    expect(createMask(values)('a'.repeat(65_536))).toBe(masked)
  })
})

import { expect, test } from 'vitest'
import { checkSignature, signatureOf } from '../../../src/bot/receive/signature.ts'

// The example of docs.slack.dev authentication/verifying-requests-from-slack.
const secret = '8f742231b10e8888abcd99yyyzzz85a5'
const timestamp = '1531420618'
const body = Buffer.from('token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c')
const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503'
const now = Number(timestamp) * 1000
const check = (change: Partial<Parameters<typeof checkSignature>[0]> = {}) => checkSignature({ secret, timestamp, signature, body, now, ...change })

test('is Slack\'s own example', () => {
  expect(signatureOf(secret, timestamp, body)).toBe(signature)
  expect(check()).toEqual({ ok: true, seconds: 0 })
})

test.each([
  ['another secret', { secret: 'x'.repeat(32) }, 'forged'], ['a changed body', { body: Buffer.concat([body, Buffer.from('x')]) }, 'forged'],
  ['a changed time', { timestamp: '1531420619' }, 'forged'], ['no signature', { signature: undefined }, 'unsigned'], ['no time', { timestamp: undefined }, 'unsigned'],
  ['an empty secret', { secret: '', signature: signatureOf('', timestamp, body) }, 'unsigned'], ['a signature of another form', { signature: 'v1=00' }, 'unsigned'],
  ['a shorter signature', { signature: signature.slice(0, -2) }, 'unsigned'], ['a time that is none', { timestamp: '1e9' }, 'unsigned'], ['a time before 1970', { timestamp: '-5' }, 'unsigned'],
])('refuses %s', (_name, change, why) => {
  expect(check(change)).toEqual({ ok: false, why })
})

test.each([[300, true], [-300, true], [301, false], [-301, false], [86_400, false], [-86_400, false]])('a request %d s old is taken: %s', (seconds, ok) => {
  const checked = check({ now: now + seconds * 1000 })
  expect(checked).toEqual(ok ? { ok: true, seconds } : { ok: false, why: 'skewed', signedAt: new Date(now), seconds })
})

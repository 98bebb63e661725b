import { pino } from 'pino'
import { expect, it } from 'vitest'
import { createKnownValues } from '../src/rack/env/known-values.ts'
import { redaction, redactionWith } from '../src/redaction.ts'

const logged = (what: object): string => {
  let text = ''
  pino({ level: 'debug', ...redaction }, { write: (line: string) => void (text += line) }).info(what, 'said')
  return text
}

it.each([
  ['a token', { config: { botToken: 'xoxb-secret' } }], ['a response_url', { body: { response_url: 'xoxb-secret' } }], ['a payload', { delivery: { payload: 'xoxb-secret' } }],
  ['an env', { release: { id: 'RA', env: { A: 'xoxb-secret' } } }], ['the data of a Secret', { object: { kind: 'Secret', data: { A: 'xoxb-secret' } } }],
  ['the parameters of a failed query', { err: new Error('Failed query: insert into releases\nparams: RA,xoxb-secret') }],
  ['those of its cause', { err: new Error('outer', { cause: new Error('Failed query: x\nparams: xoxb-secret') }) }],
])('the log never holds %s', (_what, object) => {
  const text = logged(object)
  expect(text).toContain('said')
  expect(text).not.toContain('xoxb-secret')
})

it('keeps what helps: type, code and place of an error', () => {
  const text = logged({ err: Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' }) })
  expect(text).toMatch(/"type":"TypeError"/)
  expect(text).toMatch(/ECONNREFUSED/)
  expect(text).toMatch(/redaction\.test/)
})

const value = 'hunter2 is "my" <password>'

it.each([
  ['a message', {}, `refused: ${value}`], ['an error', { err: new Error(`refused: ${value}`) }, 'said'], ['the cause of an error', { err: new Error('outer', { cause: new Error(value) }) }, 'said'],
  ['an error of the cluster', { error: new Error(`invalid value: ${Buffer.from(value).toString('base64')}`) }, 'said'], ['a list', { objects: [{ why: [value] }] }, 'said'],
  ['a URL', { url: `http://x/?q=${encodeURIComponent(value)}` }, 'said'], ['JSON', { body: JSON.stringify({ value }) }, 'said'],
])('a value of an environment that was read is hidden in %s', (_what, object, message) => {
  let text = ''
  const values = createKnownValues()
  const log = pino({ level: 'debug', ...redactionWith(values.mask) }, { write: (line: string) => void (text += line) })
  values.learn([value])
  log.child({ ref: '7f3a' }).warn(object, message)
  const line: unknown = JSON.parse(text)
  expect(line).toMatchObject({ level: 40, ref: '7f3a' })
  expect(text).toContain('****')
  expect(text).not.toMatch(/hunter2|aHVudGVyM/)
  expect(text.endsWith('\n')).toBe(true)
})

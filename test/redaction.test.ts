import { pino } from 'pino'
import { expect, it } from 'vitest'
import { redaction } from '../src/redaction.ts'

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

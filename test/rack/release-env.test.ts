import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { openEnv, sealEnv, tellingSealer } from '../../src/rack/release-env.ts'
import { createSealer } from '../../src/rack/seal.ts'

const sealer = createSealer([{ id: 'k1', bytes: randomBytes(32) }])

it('gives an env back as it was sealed', () => {
  expect(openEnv(sealer, { id: 'RA', env: sealEnv(sealer, 'RA', { FOO: 'bar', BAZ: '1' }) })).toEqual({ FOO: 'bar', BAZ: '1' })
})

it('says every value that goes in or comes out, of environments alone', () => {
  const heard: string[] = []
  const telling = tellingSealer(sealer, (values) => void heard.push(...values))
  const sealed = sealEnv(telling, 'RA', { FOO: 'first' })
  expect(heard).toEqual(['first'])
  openEnv(telling, { id: 'RA', env: sealed })
  expect(heard).toEqual(['first', 'first'])
  telling.open(telling.seal('a command', { table: 'questions', row: 'Q1', column: 'command' }), { table: 'questions', row: 'Q1', column: 'command' })
  expect(heard).toEqual(['first', 'first'])
})

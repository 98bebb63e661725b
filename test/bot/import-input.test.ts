import { expect, it } from 'vitest'
import { importInput } from '../../src/bot/import-input.ts'
import { parse } from '../../src/bot/parse.ts'
import { commands } from '../../src/bot/registry.ts'
import { tokenize } from '../../src/bot/tokenize.ts'
import { UsageFailure } from '../../src/bot/usage-error.ts'

const read = (text: string) => {
  const tokens = tokenize(text)
  const result = tokens.ok ? parse(tokens.tokens, commands) : null
  if (result?.kind !== 'run') throw new Error(`${text} is no command`)
  return importInput(result.parsed.args, 'deploy')
}
const nothing = { image: null, images: [], description: null, gitSha: null, message: null, base: null }

it.each([
  ['deploy shop:1.4', { ...nothing, image: 'shop:1.4' }],
  ['deploy web=shop:1.4 worker=jobs:2', { ...nothing, images: [['web', 'shop:1.4'], ['worker', 'jobs:2']] }],
  ['deploy shop:1.4 worker=jobs:2', { ...nothing, image: 'shop:1.4', images: [['worker', 'jobs:2']] }],
  ['deploy shop@sha256:ab -d "fix it" --git-sha 1e5 --message "the cart" --release rx', {
    image: 'shop@sha256:ab', images: [], description: 'fix it', gitSha: '1e5', message: 'the cart', base: 'RX',
  }],
])('%j imports %j', (text, expected) => {
  expect(read(text)).toEqual(expected)
})

it('refuses two images of which neither names a service', () => {
  expect(() => read('deploy shop:1 jobs:2')).toThrow(UsageFailure)
})

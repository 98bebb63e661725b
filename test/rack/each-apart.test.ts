import { expect, it } from 'vitest'
import { eachApart } from '../../src/rack/each-apart.ts'

it('goes on with the others when one fails, and says which', async () => {
  const done: string[] = []
  const said: unknown[] = []
  await eachApart({ warn: (...given: unknown[]) => void said.push(given) }, 'it comes again', ['shop', 'mail', 'jobs'], async (app) => {
    if (app === 'mail') throw new Error('no such row')
    done.push(app)
  })
  expect(done).toEqual(['shop', 'jobs'])
  expect(said).toEqual([[{ err: new Error('no such row'), of: 'mail' }, 'it comes again']])
})

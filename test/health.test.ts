import { expect, it } from 'vitest'
import { serveHealth } from '../src/health.ts'

it('is ready only when every check is fine, and names the ones that are not', async () => {
  let trouble: string | null = 'not connected'
  const health = await serveHealth(0, [{ name: 'database', trouble: async () => null }, { name: 'slack', trouble: async () => trouble }, { name: 'cluster', trouble: () => Promise.reject(new Error('gone')) }])
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${health.port}${path}`)
    return [response.status, await response.text()]
  }
  expect(await get('/healthz')).toEqual([200, 'ok\n'])
  expect(await get('/readyz')).toEqual([503, 'slack: not connected\ncluster: Error: gone\n'])
  trouble = null
  const noted = await serveHealth(0, [{ name: 'cluster', trouble: async () => null, notes: () => ['may not list nodes'] }])
  expect(await (await fetch(`http://127.0.0.1:${noted.port}/readyz`)).text()).toBe('ok\nnote: cluster: may not list nodes\n')
  await noted.close()
  expect(await get('/readyz')).toEqual([503, 'cluster: Error: gone\n'])
  expect((await get('/'))[0]).toBe(404)
  await health.close()
})

it('stays ready without what all replicas have in common, once that was there, and names it', async () => {
  let away = true
  const trouble = async (): Promise<string | null> => (away ? 'gone' : null)
  const health = await serveHealth(0, [{ name: 'database', common: 'first', trouble }, { name: 'cluster of test', common: 'never', trouble: async () => 'not seen' }])
  const get = async () => {
    const response = await fetch(`http://127.0.0.1:${health.port}/readyz`)
    return [response.status, await response.text()]
  }
  expect(await get()).toEqual([503, 'database: gone\ncluster of test: not seen\n'])
  away = false
  expect(await get()).toEqual([200, 'ok\ncluster of test: not seen\n'])
  away = true
  expect(await get()).toEqual([200, 'ok\ndatabase: gone\ncluster of test: not seen\n'])
  await health.close()
})

it('serves other paths beside, whatever their query, and nothing else', async () => {
  const seen: string[] = []
  const health = await serveHealth(0, [], [{ path: '/slack/events', serve: (request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.writeHead(202).end()
  } }])
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${health.port}${path}`, { method: 'POST' })).status
  expect([await status('/slack/events'), await status('/slack/events?a=b'), await status('/slack/other'), await status('/healthz')]).toEqual([202, 202, 404, 200])
  expect(seen).toEqual(['POST /slack/events', 'POST /slack/events?a=b'])
  await health.close()
})

import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { scenarios } from '../../../sandbox/kubelet/catalogue.ts'
import { realClock } from '../../../sandbox/kubelet/clock.ts'
import type { Host } from '../../../sandbox/kubelet/host.ts'
import type { LogServer } from '../../../sandbox/kubelet/log-server.ts'
import { serveLogs } from '../../../sandbox/kubelet/log-server.ts'
import type { PodLife } from '../../../sandbox/kubelet/pod-life.ts'
import { livePod } from '../../../sandbox/kubelet/pod-life.ts'
import { podOf } from './pod.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const nobody = async () => undefined

/** A pod that lives in real time, and the server that tells its log. */
const serve = async (tag: string, speed = 50): Promise<{ life: PodLife; server: LogServer }> => {
  const clock = realClock(speed)
  const host: Host = {
    clock,
    hostIP: '127.0.0.1',
    podIP: () => '198.18.0.2',
    writeStatus: async (_uid, build) => life.update({ ...life.pod, status: build(life.pod) }),
    event: () => undefined,
    remove: nobody,
    data: async () => ({ PASSWORD: 'two\nlines' }),
    hasImage: () => true,
    pull: async () => ({ outcome: 'pulled', took: 1, bytes: 1 }),
  }
  const life = livePod(podOf(tag, { envFrom: [{ secretRef: { name: 'env' } }] }), host, scenarios)
  const server = await serveLogs(() => [life], speed)
  closing.push(async () => {
    life.stop()
    await life.done
    await server.close()
  })
  return { life, server }
}

const ask = (server: LogServer, path: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: server.port, path, rejectUnauthorized: false }, resolve).once('error', reject)
  })

const read = async (server: LogServer, path: string) => {
  const answer = await ask(server, path)
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return { code: answer.statusCode, text }
}

const restarts = (life: PodLife) => life.containers[0]?.status.restartCount

describe('the https server of the kubelet', () => {
  it('serves a container log, its tail, its bytes and its times', async () => {
    const { server, life } = await serve('good')
    await vi.waitFor(() => expect(life.containers[0]?.status.ready).toBe(true), 25_000)
    expect(await read(server, '/containerLogs/shop/web-1/main')).toMatchObject({
      code: 200,
      text: expect.stringMatching(/^shop: starting\nshop: listening on :3000\n/),
    })
    expect((await read(server, '/containerLogs/shop/web-1/main?tailLines=1')).text.split('\n')).toHaveLength(2)
    expect((await read(server, '/containerLogs/shop/web-1/main?limitBytes=4')).text).toBe('shop')
    expect((await read(server, '/containerLogs/shop/web-1/main?timestamps=true')).text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z shop: starting\n/)
    expect((await read(server, `/containerLogs/shop/web-1/main?sinceTime=${new Date(Date.now() + 60_000).toISOString()}`)).text).toBe('')
  })

  it('serves the previous run, with the environment that a leaking one printed', async () => {
    const { server, life } = await serve('leak')
    await vi.waitFor(() => expect(restarts(life)).toBeGreaterThan(0), 25_000)
    expect((await read(server, '/containerLogs/shop/web-1/main?previous=true')).text).toContain('PASSWORD=two\nlines\n')
  })

  it('follows a running container until it ends', async () => {
    const { server, life } = await serve('flap', 4)
    await vi.waitFor(() => expect(life.containers[0]?.status.state.running).toBeDefined(), 25_000)
    const { text } = await read(server, '/containerLogs/shop/web-1/main?follow=true')
    expect(text).toContain('shop: listening on :3000')
    expect(text).toContain('panic: connection pool exhausted')
  })

  it.each([
    ['/containerLogs/shop/web-1/main?previous=true', 400, 'previous terminated container "main" in pod "web-1" not found'],
    ['/containerLogs/shop/web-1/nobody', 400, 'container "nobody" not found in pod "web-1"'],
    ['/containerLogs/shop/web-2/main', 404, 'pod "web-2" not found\n'],
    ['/exec/shop/web-1/main', 404, '404 page not found\n'],
  ])('answers %s with %i', async (path, code, text) => {
    const { server } = await serve('good')
    expect(await read(server, path)).toEqual({ code, text })
  })
})

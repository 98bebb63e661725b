import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { pageAssets } from '../../../sandbox/slack/page-bundle.ts'
import type { Guide } from '../../../sandbox/slack/guide.ts'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { mostUploadBytes } from '../../../sandbox/slack/upload-limits.ts'
import { ana, bo, clientFor, closeAfterEach, releases, secret, cy, slackFor } from './workspace.ts'

closeAfterEach()

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** The events that the page of `user` gets. */
const watching = async (slack: SimulatedSlack, user: string) => {
  const controller = new AbortController()
  const response = await fetch(`${slack.pageUrl}events?as=${user}`, { signal: controller.signal })
  const events: Record<string, unknown>[] = []
  const reading = async () => {
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        const value: unknown = part.startsWith('data: ') ? JSON.parse(part.slice(6)) : undefined
        if (isRecord(value)) events.push(value)
      }
    }
  }
  const done = reading().catch((error: unknown) => {
    if (!controller.signal.aborted) throw error
  })
  return { events, close: async () => (controller.abort(), done) }
}

const act = async (slack: SimulatedSlack, deed: object, headers: Record<string, string> = {}) => {
  const response = await fetch(`${slack.pageUrl}do`, { method: 'POST', headers, body: JSON.stringify(deed) })
  return { status: response.status, text: await response.text() }
}

describe('the page', () => {
  it('has types that hold', () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url))
    const run = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'sandbox/slack/page/tsconfig.json', '--noEmit'], {
      cwd: root,
      encoding: 'utf8',
    })
    expect(run.stdout).toBe('')
    expect(run.status).toBe(0)
  }, 120_000)

  it('is bundled without anything from elsewhere', async () => {
    const { script, style } = await pageAssets()
    expect(script).toContain('data-testid')
    expect(style).toContain('prefers-color-scheme')
    expect(style).not.toMatch(/https?:|@import/)
  })

  it('is served with a policy that lets nothing else in', async () => {
    const slack = await slackFor()
    const response = await fetch(slack.pageUrl)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(await response.text()).toContain('<div id="app">')
    expect((await fetch(`${slack.pageUrl}nothing`)).status).toBe(404)
  })

  it('shows somebody what they may see, and what comes', async () => {
    const slack = await slackFor()
    slack.as(ana).say(secret, 'between us')
    const page = await watching(slack, cy)
    await slack.until(() => page.events.length > 0)
    expect(page.events[0]).toMatchObject({ kind: 'snapshot', me: cy, bot: { online: false } })
    expect(JSON.stringify(page.events)).not.toContain('between us')
    slack.as(ana).say(secret, 'more between us')
    await clientFor(slack).chat.postEphemeral({ channel: releases, user: bo, text: 'for bo' })
    slack.as(ana).say(releases, 'for all')
    await slack.until(() => page.events.some((one) => one['kind'] === 'message'))
    expect(page.events.slice(1)).toMatchObject([{ kind: 'message', message: { text: 'for all' } }])
    await page.close()
  })

  it('takes what people do, from pages of this machine only', async () => {
    const slack = await slackFor()
    const deed = { do: 'say', as: ana, channel: releases, text: 'hello' }
    expect((await act(slack, deed)).status).toBe(200)
    expect(slack.transcript(releases)).toBe('ana: hello')
    expect((await act(slack, deed, { origin: 'https://evil.test' })).status).toBe(403)
    expect((await act(slack, { do: 'fly', as: ana })).status).toBe(400)
    expect(await act(slack, { ...deed, as: 'UNOBODY01' })).toMatchObject({ status: 400, text: expect.stringContaining('nobody here is UNOBODY01') })
    expect(slack.transcript(releases)).toBe('ana: hello')
  })
})

/** Uploads as the page does. */
const upload = async (slack: SimulatedSlack, as: string, name: string, body: Buffer) => {
  const response = await fetch(`${slack.pageUrl}page/upload?as=${as}&name=${encodeURIComponent(name)}`, { method: 'POST', body: new Uint8Array(body) })
  const answer: unknown = await response.json()
  return { status: response.status, answer: isRecord(answer) ? answer : {} }
}

describe('a file that is attached on the page', () => {
  it('goes with the message, and with no other person\'s', async () => {
    const slack = await slackFor()
    const { answer } = await upload(slack, ana, 'convox.yml', Buffer.from('services: {}\n'))
    const files = [String(answer['id'])]
    expect((await act(slack, { do: 'say', as: bo, channel: releases, text: 'mine', files })).status).toBe(400)
    expect((await act(slack, { do: 'say', as: ana, channel: releases, text: '@convox builds import-image shop:1', files })).status).toBe(200)
    expect((await act(slack, { do: 'say', as: ana, channel: releases, text: '', files })).status).toBe(200)
    expect(slack.transcript(releases)).toBe('ana: @convox builds import-image shop:1\n  [file convox.yml]\nana: [file convox.yml]')
  })

  it('is refused in words when it is too large', async () => {
    const slack = await slackFor()
    expect(await upload(slack, ana, 'log.txt', Buffer.alloc(mostUploadBytes + 1))).toEqual({
      status: 413, answer: { ok: false, error: 'log.txt has 9.5 MB. A file may have at most 10 MB here.' },
    })
    expect((await upload(slack, ana, 'log.txt', Buffer.alloc(mostUploadBytes))).status).toBe(200)
  })
})

describe('the guide', () => {
  const guide: Guide = {
    title: 'First run',
    intro: 'Two steps.',
    tags: [],
    steps: [
      { id: 'ask', title: 'Ask', text: 'x', as: ana, channel: releases, type: '/convox promote', done: 'Waiting' },
      { id: 'again', title: 'Ask again', text: 'x', as: ana, channel: releases, done: 'Waiting' },
    ],
  }

  it('ticks a step when the transcript says so, and counts nothing twice', async () => {
    const slack = await slackFor({ guide })
    const page = await watching(slack, ana)
    await slack.until(() => page.events.length > 0)
    slack.as(ana).say(releases, 'nothing yet')
    slack.as(ana).say(releases, 'Waiting for bo')
    await slack.until(() => page.events.some((one) => one['kind'] === 'guide'))
    slack.as(ana).say(releases, 'something else')
    await slack.until(() => page.events.some((one) => JSON.stringify(one).includes('something else')))
    expect(page.events.filter((one) => one['kind'] === 'guide').map((one) => one['done'])).toEqual([['ask']])
    slack.as(ana).say(releases, 'Waiting once more')
    await slack.until(() => page.events.filter((one) => one['kind'] === 'guide').length === 2)
    expect(page.events.filter((one) => one['kind'] === 'guide').at(-1)?.['done']).toEqual(['ask', 'again'])
    await act(slack, { do: 'restart-guide', as: ana })
    await slack.until(() => page.events.filter((one) => one['kind'] === 'guide').length === 3)
    expect(page.events.filter((one) => one['kind'] === 'guide').at(-1)?.['done']).toEqual([])
    await page.close()
  })
})

import { createServer, type Server } from 'node:http'
import { WebClient } from '@slack/web-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isOurs, mostFileBytes, readFile } from '../../../src/bot/receive/read-file.ts'

/** What a file's download answers, and what `files.info` says of it. */
interface Kept { readonly name: string; readonly size?: number; readonly status?: number; readonly bytes?: Uint8Array; readonly address?: string }

const files: Readonly<Record<string, Kept | undefined>> = {
  F0TEXT: { name: 'convox.yml', bytes: Buffer.from('services: {}\n# é\n') },
  F0BOM: { name: 'bom.yml', bytes: Buffer.from('\uFEFFservices: {}') },
  F0LARGE: { name: 'large.yml', size: mostFileBytes + 1 },
  F0LIES: { name: 'lies.yml', size: 10, bytes: Buffer.alloc(mostFileBytes + 1, 'a') },
  F0ZIP: { name: 'a.zip', bytes: Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xff, 0xfe]) },
  F0NUL: { name: 'nul.yml', bytes: Buffer.from('a\0b') },
  F0SIGNIN: { name: 'private.yml', status: 302 },
  F0GONE: { name: 'gone.yml', status: 404 },
  F0SICK: { name: 'sick.yml', status: 500 },
  F0ELSEWHERE: { name: 'elsewhere.yml', address: 'https://files.example.com/x' },
}

let server: Server
let client: WebClient
const downloads: (string | undefined)[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    if (url.pathname === '/api/files.info') {
      let body = ''
      request.on('data', (chunk) => (body += String(chunk)))
      request.on('end', () => {
        const id = new URLSearchParams(body).get('file') ?? ''
        const file = files[id]
        response.setHeader('content-type', 'application/json')
        const origin = `http://${request.headers.host ?? ''}`
        response.end(JSON.stringify(file === undefined
          ? { ok: false, error: 'file_not_found' }
          : { ok: true, file: { id, name: file.name, size: file.size ?? file.bytes?.length ?? 1, url_private: file.address ?? `${origin}/files/${id}` } }))
      })
      return
    }
    downloads.push(request.headers.authorization)
    const file = files[url.pathname.replace('/files/', '')]
    response.writeHead(file?.status ?? 200, file?.status === 302 ? { location: '/sign-in' } : {}).end(file?.bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  client = new WebClient('xoxb-1', { slackApiUrl: `http://127.0.0.1:${port}/api/`, retryConfig: { retries: 0 } })
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

describe('a file that a person gave', () => {
  it.each([
    ['F0TEXT', { ok: true, name: 'convox.yml', text: 'services: {}\n# é\n' }],
    ['F0BOM', { ok: true, name: 'bom.yml', text: 'services: {}' }],
    ['F0LARGE', { ok: false, name: 'large.yml', why: 'too_large' }],
    ['F0LIES', { ok: false, name: 'lies.yml', why: 'too_large' }],
    ['F0ZIP', { ok: false, name: 'a.zip', why: 'not_text' }],
    ['F0NUL', { ok: false, name: 'nul.yml', why: 'not_text' }],
    ['F0SIGNIN', { ok: false, name: 'private.yml', why: 'not_allowed' }],
    ['F0GONE', { ok: false, name: 'gone.yml', why: 'gone' }],
    ['F0NOWHERE', { ok: false, name: 'F0NOWHERE', why: 'gone' }],
  ])('%s is read as %j', async (id, expected) => {
    expect(await readFile(client, id)).toEqual(expected)
  })

  it('is asked for with our token, which no other address gets', async () => {
    downloads.length = 0
    expect(await readFile(client, 'F0ELSEWHERE')).toEqual({ ok: false, name: 'elsewhere.yml', why: 'gone' })
    expect(downloads).toEqual([])
    await readFile(client, 'F0TEXT')
    expect(downloads).toEqual(['Bearer xoxb-1'])
  })

  it('throws when Slack cannot be asked', async () => {
    await expect(readFile(client, 'F0SICK')).rejects.toThrow("a file's download answered 500")
  })
})

it.each([
  ['https://files.slack.com/files-pri/T1-F1/convox.yml', true],
  ['https://slack.com/x', true],
  ['http://files.slack.com/x', false],
  ['https://evilslack.com/x', false],
  ['https://files.slack.com.example.com/x', false],
])('takes %s for Slack: %s', (address, ours) => {
  expect(isOurs(address, 'https://slack.com/api/')).toBe(ours)
})

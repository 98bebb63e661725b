import { request } from 'node:http'

export type HttpAnswer = { status: number; contentType: string; noRetry: boolean; body: string }
/** Why there was no answer, in the words of `x-slack-retry-reason`: docs.slack.dev apis/events-api. */
export const unanswered = ['http_timeout', 'connection_failed'] as const
export type Unanswered = (typeof unanswered)[number]

/** Posts to an app and waits `within` ms for the whole answer. Each request has a connection of its own, so that nothing outlives it. */
export const postTo = (url: string, headers: Record<string, string>, body: string, within: number): Promise<HttpAnswer | Unanswered> =>
  new Promise((resolve) => {
    const bytes = Buffer.from(body)
    const sent = request(url, { method: 'POST', agent: false, headers: { ...headers, 'content-length': bytes.length, connection: 'close' } }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => void parts.push(part))
      response.on('error', () => finish('connection_failed'))
      response.on('end', () =>
        finish({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          noRetry: response.headers['x-slack-no-retry'] === '1',
          body: Buffer.concat(parts).toString(),
        }),
      )
    })
    const finish = (answer: HttpAnswer | Unanswered) => {
      clearTimeout(timer)
      resolve(answer)
    }
    const timer = setTimeout(() => {
      finish('http_timeout')
      sent.destroy()
    }, within)
    sent.on('error', () => finish('connection_failed'))
    sent.end(bytes)
  })

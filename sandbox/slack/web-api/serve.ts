import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { createFailures } from '../failures.ts'
import type { createRateLimits } from '../rate-limits.ts'
import type { Workspace } from '../store.ts'
import { readArguments } from './body.ts'
import { chatMethods } from './chat.ts'
import { conversationMethods } from './conversations.ts'
import { fileMethods } from './files.ts'
import { needScope, type Call, type Method } from './method.ts'
import { peopleMethods } from './people.ts'
import { Refused } from './refused.ts'
import { viewMethods } from './views.ts'

const methods: Record<string, Method> = { ...chatMethods, ...conversationMethods, ...fileMethods, ...peopleMethods, ...viewMethods }

/** One call in the log: `at` in ms, its arguments without the token, and what was answered. */
export type LoggedRequest = { method: string; args: Record<string, unknown>; at: number; status: number; answer: Record<string, unknown> | undefined }

/** What Slack says to a token that is right no more. */
export const tokenStates = ['ok', 'token_revoked', 'account_inactive', 'invalid_auth'] as const
/** The tokens and what is true of them now. */
export type Tokens = { bot: string; app: string; appScopes: readonly string[]; botState: (typeof tokenStates)[number]; appState: (typeof tokenStates)[number] }

/** Every method that there is, with its tier. */
export const methodTiers: Readonly<Record<string, Method['tier']>> = Object.fromEntries(Object.entries(methods).map(([name, { tier }]) => [name, tier]))

export interface Serving {
  tokens: Tokens
  call: Call
  failures: ReturnType<typeof createFailures>
  limits: ReturnType<typeof createRateLimits>
  log: LoggedRequest[]
}

const bearer = (request: IncomingMessage, args: Record<string, unknown>): string => {
  const header = request.headers.authorization
  if (header?.startsWith('Bearer ')) return header.slice('Bearer '.length)
  // A token in a JSON body is not read: docs.slack.dev apis/web-api.
  return typeof args['token'] === 'string' && !request.headers['content-type']?.includes('json') ? args['token'] : ''
}

const authorise = (method: Method, token: string, { tokens, call }: Serving): void => {
  if (token === '') throw new Refused('not_authed')
  const kind = token === tokens.bot ? 'bot' : token === tokens.app ? 'app' : undefined
  if (!kind) throw new Refused('invalid_auth')
  const state = kind === 'bot' ? tokens.botState : tokens.appState
  if (state !== 'ok') throw new Refused(state)
  if (method.token !== kind) throw new Refused('not_allowed_token_type')
  needScope(kind === 'bot' ? call : { scopes: new Set(tokens.appScopes) }, ...method.scopes)
}

/** A channel has one rate, whether it is named by its id, its name or the person it is with. */
const laneOf = (workspace: Workspace, channel: string): string =>
  workspace.channels().find((one) => one.im === channel || (!one.im && `#${one.name}` === `#${channel.replace(/^#/, '')}`))?.id ?? channel

const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** Answers `/api/<method>` as Slack does: HTTP 200 with `ok`, or 429 with Retry-After. */
export const serveMethod = async (name: string, request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> => {
  const { call, failures, limits, log } = serving
  const entry: LoggedRequest = { method: name, args: {}, at: call.workspace.now(), status: 200, answer: undefined }
  const finish = (status: number, answer: Record<string, unknown>, headers: Record<string, string> = {}) => {
    entry.status = status
    entry.answer = answer
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(answer))
  }
  let failure: ReturnType<typeof failures.next>
  try {
    const args = await readArguments(request, new URL(request.url ?? '', 'http://local').searchParams)
    const { token: _token, ...shown } = args
    entry.args = shown
    log.push(entry)
    failure = failures.next({ method: name, args: shown, caller: request.headers.host ?? '' })
    if (failure?.delay) await sleep(failure.delay)
    if (failure?.drop) return void request.socket.destroy()
    if (failure?.status)
      return finish(
        failure.status,
        { ok: false, error: failure.status === 429 ? 'ratelimited' : 'internal_error' },
        failure.status === 429 ? { 'retry-after': String(failure.retryAfter ?? 1) } : {},
      )
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (!method) throw new Refused('unknown_method', { req_method: name })
    authorise(method, bearer(request, args), serving)
    const wait = limits.take(name, method.tier, laneOf(call.workspace, text(args['channel'])))
    if (wait > 0) return finish(429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(wait) })
    if (failure?.error) throw new Refused(failure.error)
    const answer = method.run(args, call)
    entry.answer = { ok: true, ...answer }
    if (failure?.storeThenDrop) return void request.socket.destroy()
    if (failure?.storeThenStatus) return finish(failure.storeThenStatus, { ok: false, error: 'internal_error' })
    if (failure?.storeThenError) throw new Refused(failure.storeThenError)
    const scopes: Record<string, string> =
      method.token === 'bot' ? { 'x-oauth-scopes': [...call.scopes].join(','), 'x-accepted-oauth-scopes': method.scopes.join(',') } : {}
    finish(200, { ok: true, ...answer }, scopes)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    finish(200, { ok: false, error: error.code, ...error.extra })
  }
}

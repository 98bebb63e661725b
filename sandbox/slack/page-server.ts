import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { Interactions } from './interactions.ts'
import { pageAssets } from './page-bundle.ts'
import { eventFor, snapshotFor, type PageSource } from './page-events.ts'
import { deed, type Deed, type PageEvent } from './protocol.ts'
import { mostUploadBytes, tooLarge } from './upload-limits.ts'
import { keepUpload } from './uploads.ts'
import { readBytes } from './web-api/body.ts'

const ship = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#123b4a"/>
<path d="M7 20h18l-3 5H10zM15 7l8 11h-8z" fill="#ffd166"/></svg>`

const html = (team: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${team.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ship)}">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body><div id="app"></div></body>
</html>
`

/** A wrong name for this machine in Host means that another site's page reached us through DNS; a foreign Origin, that one posts to us. */
const isOurs = (request: IncomingMessage): boolean => {
  const local = (host: string) => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)
  const { host = '', origin } = request.headers
  return local(host) && (origin === undefined || local(origin.replace(/^https?:\/\//, '')))
}

const perform = async (source: PageSource, interactions: Interactions, what: Deed): Promise<unknown> => {
  switch (what.do) {
    case 'command':
      return interactions.command(what.as, what.channel, what.text, what.thread)
    case 'say':
      return { ok: true, ts: interactions.say(what.as, what.channel, what.text, { ...(what.thread ? { thread: what.thread } : {}), ...(what.files ? { files: what.files } : {}) }).ts }
    case 'click':
      return interactions.click(what.as, what.on, what.block, what.action, what.given, what.values)
    case 'suggest':
      return interactions.suggest(what.as, what.on, what.block, what.action, what.query)
    case 'submit':
      return interactions.submit(what.as, what.view, what.values)
    case 'close':
      await interactions.closeView(what.as, what.view, what.all)
      return { ok: true }
    case 'dismiss':
      source.workspace.removeEphemeral(what.channel, what.ts)
      return { ok: true }
    case 'home':
      return { ok: true, channel: interactions.openHome(what.as) }
    case 'skip':
      source.guide?.progress.skip(what.step)
      return { ok: true }
    case 'restart-guide':
      source.guide?.progress.restart()
      return { ok: true }
  }
}

/** The page, its live events and what people do on it. `serve` answers false for a path that is not the page's. */
export const createPage = (source: PageSource, interactions: Interactions) => {
  const { workspace, guide } = source
  const watchers = new Map<ServerResponse, string>()
  const write = (response: ServerResponse, event: PageEvent) => response.write(`data: ${JSON.stringify(event)}\n\n`)
  const everybody = (event: PageEvent) => [...watchers.keys()].forEach((response) => write(response, event))
  let advancing = false
  const advance = () => {
    if (!guide || advancing) return
    advancing = true
    // After the change that called: a tick writes to the workspace itself.
    setImmediate(() => {
      advancing = false
      if (guide.progress.advance()) {
        everybody({ kind: 'guide', done: guide.progress.done() })
        advance()
      }
    })
  }
  const stop = workspace.onChange((change) => {
    for (const [response, me] of watchers) {
      const event = eventFor(source, me, change)
      if (event) write(response, event)
    }
    advance()
  })
  const beat = setInterval(() => [...watchers.keys()].forEach((response) => response.write(': here\n\n')), 15_000)

  const watch = (request: IncomingMessage, response: ServerResponse, wanted: string) => {
    const canSignIn = workspace.people().filter((one) => !one.bot && !one.deactivated)
    const me = (canSignIn.find((one) => one.id === wanted) ?? canSignIn[0])?.id
    if (me === undefined) return void response.writeHead(404).end('nobody can sign in')
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', connection: 'keep-alive' })
    response.write('retry: 1000\n\n')
    write(response, snapshotFor(source, me))
    watchers.set(response, me)
    request.on('close', () => watchers.delete(response))
  }

  const json = (response: ServerResponse, status: number, value: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))

  const act = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      const parsed = deed.parse(JSON.parse((await readBytes(request)).toString()))
      const answer = await perform(source, interactions, parsed)
      if (guide && (parsed.do === 'skip' || parsed.do === 'restart-guide')) everybody({ kind: 'guide', done: guide.progress.done() })
      json(response, 200, answer)
    } catch (error) {
      json(response, 400, { ok: false, error: error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : 'unknown' })
    }
  }

  const upload = async (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => {
    const [user, name] = [query.get('as') ?? '', query.get('name') ?? 'file']
    const refusal = tooLarge({ name, size: Number(request.headers['content-length'] ?? 0) })
    if (refusal !== null) {
      // Read to its end all the same: who still writes does not hear the answer.
      request.resume()
      return void json(response, 413, { ok: false, error: refusal })
    }
    const bytes = await readBytes(request, mostUploadBytes)
    if (!workspace.person(user)) return void json(response, 404, { ok: false, error: 'nobody has this id' })
    const { id } = keepUpload(workspace, user, name, bytes)
    json(response, 200, { ok: true, id, name })
  }

  const asset = async (response: ServerResponse, kind: 'script' | 'style') => {
    const assets = await pageAssets()
    response
      .writeHead(200, { 'content-type': kind === 'script' ? 'text/javascript; charset=utf-8' : 'text/css; charset=utf-8', 'cache-control': 'no-store' })
      .end(assets[kind])
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local')
    const file = /^\/page\/files\/([A-Z0-9]+)/.exec(pathname)?.[1]
    const known =
      pathname === '/' ||
      pathname === '/page.js' ||
      pathname === '/page.css' ||
      pathname === '/events' ||
      pathname === '/do' ||
      pathname === '/page/upload' ||
      file !== undefined ||
      pathname.startsWith('/archives/')
    if (!known) return false
    if (!isOurs(request)) {
      response.writeHead(403).end('only from this machine')
      return true
    }
    if (pathname === '/page.js') await asset(response, 'script')
    else if (pathname === '/page.css') await asset(response, 'style')
    else if (pathname === '/events') watch(request, response, searchParams.get('as') ?? '')
    else if (pathname === '/do') await act(request, response)
    else if (pathname === '/page/upload') await upload(request, response, searchParams)
    else if (file !== undefined) {
      const found = workspace.file(file)
      if (!found?.content) response.writeHead(404).end('no such file')
      else
        response
          .writeHead(200, {
            'content-type': 'application/octet-stream',
            'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(found.name)}`,
          })
          .end(Buffer.from(found.content, 'base64'))
    } else
      response
        .writeHead(200, {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'",
        })
        .end(html(workspace.team.name))
    return true
  }

  return {
    serve,
    /** Tells every open page whether the app is connected. */
    botOnline: (online: boolean) => everybody({ kind: 'bot', online }),
    close: () => {
      clearInterval(beat)
      stop()
      watchers.forEach((_me, response) => response.end())
    },
  }
}

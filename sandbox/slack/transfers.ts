import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Workspace } from './store.ts'
import { readBytes, readMultipart } from './web-api/body.ts'
import { readableFile } from './web-api/files.ts'
import type { Tokens } from './web-api/serve.ts'

const bytesOf = async (request: IncomingMessage): Promise<Buffer> => {
  const bytes = await readBytes(request, 50_000_000)
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('multipart/form-data')) return bytes
  // The SDK posts { body: <bytes> } as a form; whatever its field is called, there is one file.
  for (const part of (await readMultipart(bytes, type)).values()) return typeof part === 'string' ? Buffer.from(part) : part
  return Buffer.alloc(0)
}

/** The bytes of files: uploads to a URL of files.getUploadURLExternal, and downloads of `url_private` with the bot's token. False for other paths. */
export const serveTransfer = async (
  request: IncomingMessage,
  response: ServerResponse,
  { workspace, tokens, scopes }: { workspace: Workspace; tokens: Tokens; scopes: ReadonlySet<string> },
): Promise<boolean> => {
  const { pathname } = new URL(request.url ?? '/', 'http://local')
  const plain = (status: number, text: string) => void response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
  const upload = /^\/upload\/v1\/([A-Z0-9]+)$/.exec(pathname)?.[1]
  if (upload !== undefined) {
    const bytes = await bytesOf(request)
    const file = workspace.file(upload)
    if (!file || file.completed || file.content !== undefined) plain(404, 'no such upload')
    else if (bytes.length !== file.size) plain(400, `expected ${file.size} bytes, got ${bytes.length}`)
    else {
      workspace.putFile({ ...file, content: bytes.toString('base64') })
      plain(200, `OK - ${bytes.length}`)
    }
    return true
  }
  const download = /^\/files-pri\/([A-Z0-9]+)\//.exec(pathname)?.[1]
  if (download === undefined) return false
  const file = workspace.file(download)
  const allowed = request.headers.authorization === `Bearer ${tokens.bot}` && tokens.botState === 'ok' && scopes.has('files:read')
  // Without a token Slack redirects to its sign-in page, which is why apps that forget it read HTML.
  if (!allowed) response.writeHead(302, { location: `https://${workspace.team.domain}.slack.com/` }).end()
  else if (!file?.content || !readableFile(workspace, file)) plain(404, 'not found')
  else response.writeHead(200, { 'content-type': file.mimetype, 'content-length': file.size }).end(Buffer.from(file.content, 'base64'))
  return true
}

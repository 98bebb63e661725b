/** What a piece of mrkdwn is. `children` are pieces inside a styled one. */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'strike' | 'quote'; children: Piece[] }
  | { kind: 'code' | 'pre'; text: string }
  | { kind: 'link'; url: string; label: string }
  | { kind: 'user' | 'channel' | 'group'; id: string; label?: string }
  | { kind: 'broadcast'; range: string }
  | { kind: 'date'; seconds: number; format: string; fallback: string; url?: string }
  | { kind: 'emoji'; name: string }
  | { kind: 'break' }

/** Undoes Slack's three escapes. */
export const unescapeText = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
/** Slack's three escapes. */
export const escapeText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const bracket = (inner: string): Piece => {
  const bar = inner.indexOf('|')
  const [target, label] = bar < 0 ? [inner, undefined] : [inner.slice(0, bar), inner.slice(bar + 1)]
  const labelled = (kind: 'user' | 'channel' | 'group', id: string): Piece => (label === undefined ? { kind, id } : { kind, id, label: unescapeText(label) })
  if (/^@[UW]/.test(target)) return labelled('user', target.slice(1))
  if (/^#[CG]/.test(target)) return labelled('channel', target.slice(1))
  if (target.startsWith('!subteam^')) return labelled('group', target.slice('!subteam^'.length))
  if (target.startsWith('!date^')) {
    const [, seconds = '', format = '', url] = target.split('^')
    const date = { kind: 'date' as const, seconds: Number(seconds), format, fallback: unescapeText(label ?? '') }
    return url === undefined ? date : { ...date, url }
  }
  if (/^!(here|channel|everyone)$/.test(target)) return { kind: 'broadcast', range: target.slice(1) }
  if (/^(https?:|mailto:|tel:)/.test(target)) return { kind: 'link', url: unescapeText(target), label: unescapeText(label ?? target.replace(/^mailto:/, '')) }
  return { kind: 'text', text: unescapeText(`<${inner}>`) }
}

const marks = { '*': 'bold', _: 'italic', '~': 'strike' } as const
const isMark = (sign: string): sign is keyof typeof marks => Object.hasOwn(marks, sign)
const wordLike = (char: string | undefined) => char !== undefined && /[\p{L}\p{N}]/u.test(char)

/** Where the mark opened at `start` closes in its line, or -1: not before a word, and not beside white space inside. */
const closing = (line: string, start: number): number => {
  const sign = line[start]
  if (wordLike(line[start - 1]) || line[start + 1] === undefined || /\s/.test(line[start + 1] ?? ' ') || line[start + 1] === sign) return -1
  for (let index = start + 1; index < line.length; index++) {
    if (line[index] === '`') {
      const end = line.indexOf('`', index + 1)
      if (end > 0) index = end
      continue
    }
    if (line[index] === '<') {
      const end = line.indexOf('>', index)
      if (end > 0) index = end
      continue
    }
    if (line[index] === sign && index > start + 1 && !/\s/.test(line[index - 1] ?? ' ') && !wordLike(line[index + 1])) return index
  }
  return -1
}

const inline = (line: string): Piece[] => {
  const pieces: Piece[] = []
  let plain = ''
  const flush = () => {
    if (plain !== '') pieces.push({ kind: 'text', text: unescapeText(plain) })
    plain = ''
  }
  const add = (piece: Piece) => {
    flush()
    pieces.push(piece)
  }
  for (let index = 0; index < line.length; index++) {
    const char = line[index] ?? ''
    if (char === '<') {
      const end = line.indexOf('>', index)
      if (end > index + 1) {
        add(bracket(line.slice(index + 1, end)))
        index = end
        continue
      }
    }
    if (char === '`') {
      const end = line.indexOf('`', index + 1)
      if (end > index + 1) {
        add({ kind: 'code', text: plainOf(line.slice(index + 1, end)) })
        index = end
        continue
      }
    }
    if (isMark(char)) {
      const end = closing(line, index)
      if (end > 0) {
        add({ kind: marks[char], children: inline(line.slice(index + 1, end)) })
        index = end
        continue
      }
    }
    const emoji = char === ':' ? /^:([a-z0-9_+-]+):/.exec(line.slice(index)) : null
    if (emoji?.[1] !== undefined && !wordLike(line[index - 1])) {
      add({ kind: 'emoji', name: emoji[1] })
      index += emoji[0].length - 1
      continue
    }
    plain += char
  }
  flush()
  return pieces
}

/** Inside code Slack still resolves angle brackets, but shows nothing else as a style. */
const plainOf = (code: string): string =>
  code
    .split(/(<[^<>]*>)/)
    .map((part) => {
      if (!/^<[^<>]+>$/.test(part)) return unescapeText(part)
      const piece = bracket(part.slice(1, -1))
      if (piece.kind === 'link') return piece.label
      if (piece.kind === 'text') return piece.text
      return unescapeText(part)
    })
    .join('')

const lines = (text: string): Piece[] => {
  const pieces: Piece[] = []
  const rows = text.split('\n')
  for (let index = 0; index < rows.length; index++) {
    if (index > 0) pieces.push({ kind: 'break' })
    const row = rows[index] ?? ''
    if (!row.startsWith('&gt;')) {
      pieces.push(...inline(row))
      continue
    }
    const quoted = [row]
    while ((rows[index + 1] ?? '').startsWith('&gt;')) quoted.push(rows[++index] ?? '')
    pieces.push({
      kind: 'quote',
      children: quoted.flatMap((one, at) => [...(at > 0 ? [{ kind: 'break' as const }] : []), ...inline(one.replace(/^&gt; ?/, ''))]),
    })
  }
  return pieces
}

/** Reads Slack's mrkdwn: docs.slack.dev messaging/formatting-message-text. */
export const parseMrkdwn = (text: string): Piece[] => {
  const pieces: Piece[] = []
  const parts = text.split('```')
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] ?? ''
    const fenced = index % 2 === 1 && index < parts.length - 1
    if (fenced) pieces.push({ kind: 'pre', text: plainOf(part).replace(/^\n/, '').replace(/\n$/, '') })
    else if (index % 2 === 1) pieces.push(...lines(`\`\`\`${part}`))
    // The line break between a fence and the text beside it is the fence's own.
    else if (part !== '')
      pieces.push(...lines(index > 0 ? part.replace(/^\n/, '') : part).slice(0, index < parts.length - 2 && part.endsWith('\n') ? -1 : undefined))
  }
  return pieces
}

/** One text to look for. */
export interface Needle {
  readonly text: string
  /** Only where no such character stands on either side. */
  readonly whole?: 'word' | 'base64'
  /** A piece of base64: the characters around it belong to it. */
  readonly run: boolean
}

/** Words that half of all environments hold and half of all log lines say: hiding them would hide the log, not a secret. */
const harmless: ReadonlySet<string> = new Set([
  'true', 'false', 'null', 'none', 'yes', 'trace', 'debug', 'info', 'warn', 'warning', 'error', 'production', 'staging', 'development',
])

const anywhere = 6
const wholeWord = 3

/** The part of a value's base64 that is the same whatever follows, when `before` bytes stand in front of it in its group of three. */
const stableBase64 = (bytes: Buffer, before: number): string => {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url')
  const first = Math.ceil((before * 8) / 6)
  const last = Math.floor(((before + bytes.length) * 8) / 6)
  return text.slice(first, last)
}

/** URL-safe and plain, and the plain one inside a URL or a JSON text that escapes what it need not. */
const everyAlphabet = (text: string): readonly string[] => {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/')
  const inUrl = plain.replaceAll('+', '%2B').replaceAll('/', '%2F')
  return [text, plain, inUrl, inUrl.replaceAll('%2B', '%2b').replaceAll('%2F', '%2f'), plain.replaceAll('/', '\\/')]
}

const escaped = (value: string): string => JSON.stringify(value).slice(1, -1)

const unicodeEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Inside a JSON text, once and twice, as different languages write it: JavaScript; Go (no `<`, `>`, `&`); Python (ASCII alone); PHP (`\\/`). */
const jsonForms = (value: string): readonly string[] => {
  const once = escaped(value)
  return [once, once.replaceAll(/[<>&]/g, unicodeEscape), once.replaceAll(/[^\x20-\x7e]/g, unicodeEscape), once.replaceAll('/', '\\/'), escaped(once)]
}

const urlForms = (value: string): readonly string[] => {
  // A lone surrogate has no UTF-8 and therefore no URL form.
  if (Buffer.from(value).toString() !== value) return []
  const encoded = encodeURIComponent(value)
  return [encoded, encoded.replaceAll('%20', '+'), encoded.replaceAll(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()), encodeURI(value)]
}

const passwordsOf = (value: string): readonly string[] => {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^/@:\s]*:([^/@\s]+)@/i.exec(value)?.[1]
  return password === undefined ? [] : [password]
}

/** The texts that give a value away when they stand by themselves: itself, its lines, the password in it. */
const secretsOf = (value: string): readonly string[] => {
  const lines = /[\n\r]/.test(value) ? value.split(/[\n\r]+/).map((line) => line.trim()).filter((line) => line.length >= anywhere) : []
  return [value, value.trim(), ...lines, ...passwordsOf(value)]
}

const textNeedles = (secret: string): readonly Needle[] => {
  const forms = new Set([secret, ...jsonForms(secret), ...urlForms(secret)])
  return [...forms].map((text) => (secret.length >= anywhere ? { text, run: false } : { text, run: false, whole: 'word' as const }))
}

const base64Needles = (secret: string): readonly Needle[] => {
  const bytes = Buffer.from(secret)
  if (secret.length >= anywhere) {
    const pieces = new Set([0, 1, 2].flatMap((before) => everyAlphabet(stableBase64(bytes, before))))
    return [...pieces].map((text) => ({ text, run: true }))
  }
  // Too short to be found inside other base64; as a whole, also with the line break that `echo` adds.
  const padded = [bytes, Buffer.from(`${secret}\n`)].map((form) => form.toString('base64'))
  const forms = new Set(padded.flatMap((form) => [form, form.replaceAll('=', ''), form.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')]))
  return [...forms].map((text) => ({ text, run: false, whole: 'base64' as const }))
}

/** Everything to look for so that none of the values is seen. Values shorter than 3 characters are left out, and words that are no secret. */
export const needlesOf = (values: Iterable<string>): readonly Needle[] => {
  const secrets = new Set([...values].flatMap(secretsOf).filter((secret) => secret.trim().length >= wholeWord && !harmless.has(secret.toLowerCase())))
  const needles = new Map<string, Needle>()
  for (const secret of secrets) {
    for (const needle of [...textNeedles(secret), ...base64Needles(secret)]) {
      const known = needles.get(needle.text)
      if (needle.text.length >= wholeWord && (known === undefined || known.whole !== undefined)) needles.set(needle.text, needle)
    }
  }
  return [...needles.values()]
}

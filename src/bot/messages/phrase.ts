import { cleanText, cut, escapeMrkdwn, inert } from './plain-text.ts'
import { dayAndTime, timeWithSeconds } from './times.ts'

/** Display names by Slack id (people and channels), for places where a mention would not show. */
export type Names = Readonly<Record<string, string>>

/** How a Slack date shows: `day` where it may be another day, `secs` inside a rollout, `ago` for ages (cards.md 1.3). */
export type DateForm = 'day' | 'secs' | 'ago'

/** A piece of a sentence that Slack shows in its own way. Text from outside stands in `text` or `code` only. */
export type Span =
  | { readonly markup: string }
  | { readonly text: string }
  | { readonly code: string }
  | { readonly person: string }
  | { readonly channel: string }
  | { readonly url: string; readonly label: string }
  | { readonly date: Date; readonly form: DateForm }

/** One sentence that can be shown as mrkdwn and as plain text with the same facts. */
export type Phrase = readonly Span[]
type Piece = string | number | Span | Phrase

const isPhrase = (piece: Span | Phrase): piece is Phrase => Array.isArray(piece)

const spansOf = (piece: Piece): Phrase => {
  if (typeof piece === 'string' || typeof piece === 'number') return [{ text: String(piece) }]
  return isPhrase(piece) ? piece : [piece]
}

/** Template tag: the literal parts are our own words (`*bold*` works), what is put in is outside text unless it is a span. */
export const say = (literals: TemplateStringsArray, ...pieces: readonly Piece[]): Phrase =>
  literals.flatMap((literal, at) => {
    const piece = pieces[at]
    return [{ markup: literal }, ...(piece === undefined ? [] : spansOf(piece))]
  })

/** Ids, keys, services, images, commands and the cluster's words (cards.md 1.4); cut at 200 code points. */
export const code = (text: string): Span => ({ code: cut(text, 200) })
export const person = (id: string): Span => ({ person: id })
export const channel = (id: string): Span => ({ channel: id })
/** A link whose address is Slack's own; anything but https is shown as text. */
export const link = (url: string, label: string): Span => (/^https?:\/\/[^\s<>|]+$/.test(url) ? { url, label } : { text: label })
/** A point in time on this or another day. */
export const day = (date: Date): Span => ({ date, form: 'day' })
/** A time inside a rollout; takes RFC 3339 too, as the progress of a promotion has it. */
export const secs = (date: Date | string): Span => ({ date: new Date(date), form: 'secs' })
export const ago = (date: Date): Span => ({ date, form: 'ago' })

/** The same with only these people mentioned: the others are named, which notifies nobody (cards.md 1.8). */
export const mentioning = (ids: readonly string[], phrase: Phrase, names: Names): Phrase =>
  phrase.map((span) => ('person' in span && !ids.includes(span.person) ? { text: nameOf(span.person, names) } : span))

/** Puts phrases one after another with `between` (our own words). */
export const joined = (phrases: readonly (Phrase | Span)[], between: string): Phrase =>
  phrases.flatMap((phrase, at) => [...(at === 0 ? [] : [{ markup: between }]), ...spansOf(phrase)])

/** `a`, `a and b`, `a, b and c`; or with another last word. */
export const enumerated = (phrases: readonly (Phrase | Span)[], last: 'and' | 'or'): Phrase => {
  const head = phrases.slice(0, -1)
  const tail = phrases.at(-1)
  if (tail === undefined) return []
  return head.length === 0 ? spansOf(tail) : [...joined(head, ', '), { markup: ` ${last} ` }, ...spansOf(tail)]
}

/** A sentence of the rack's whose back-ticks mark names: between them code, around them text; both escaped. */
export const ticked = (text: string): Phrase =>
  text.split('`').map((part, at): Span => (at % 2 === 1 ? code(part) : { text: part })).filter((span) => !('text' in span && span.text === ''))

const slackForms: Readonly<Record<DateForm, string>> = { day: '{date_short_pretty} {time}', secs: '{time_secs}', ago: '{ago}' }

const slackDate = (date: Date, form: DateForm): string => {
  const fallback = form === 'secs' ? `${date.toISOString().slice(0, 10)} ${timeWithSeconds(date)} UTC` : `${dayAndTime(date)} UTC`
  return `<!date^${Math.floor(date.getTime() / 1000)}^${slackForms[form]}|${fallback}>`
}

const slackId = (id: string): boolean => /^[A-Z][A-Z0-9]*$/.test(id)

/** As Slack mrkdwn: outside text escaped and without back-ticks, people as mentions, dates as Slack dates. */
export const mrkdwn = (phrase: Phrase): string =>
  phrase.map((span) => {
    if ('markup' in span) return span.markup
    if ('text' in span) return escapeMrkdwn(cleanText(span.text))
    if ('code' in span) return `\`${escapeMrkdwn(cleanText(span.code)) || ' '}\``
    if ('person' in span) return slackId(span.person) ? `<@${span.person}>` : escapeMrkdwn(cleanText(span.person))
    if ('channel' in span) return slackId(span.channel) ? `<#${span.channel}>` : escapeMrkdwn(cleanText(span.channel))
    if ('url' in span) return `<${span.url.replace(/&/g, '&amp;')}|${escapeMrkdwn(cleanText(span.label)).replace(/\|/g, ' ')}>`
    return slackDate(span.date, span.form)
  }).join('')

/** A display name has at most so many characters (Slack's own limit). */
const longestName = 80

/** The display name, without @; an id nobody has named stays an id, and so does one whose name shows nothing. */
export const nameOf = (id: string, names: Names): string => cut(cleanText(names[id] ?? id).trim(), longestName) || id

/** As plain text: no markup, names without @, times in UTC (cards.md 1.8). */
export const plain = (phrase: Phrase, names: Names): string =>
  inert(phrase.map((span) => {
    if ('markup' in span) return span.markup.replace(/[*`]/g, '')
    if ('text' in span) return cleanText(span.text)
    if ('code' in span) return cleanText(span.code)
    if ('person' in span) return nameOf(span.person, names)
    if ('channel' in span) return `#${nameOf(span.channel, names).replace(/^#/, '')}`
    if ('url' in span) return `${cleanText(span.label)}: ${span.url}`
    return `${span.form === 'secs' ? timeWithSeconds(span.date) : dayAndTime(span.date)} UTC`
  }).join(''))

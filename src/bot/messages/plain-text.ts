/** Control, bidirectional and zero-width characters, which can hide or reorder what a person reads, and halves of characters, which Slack cannot take. */
const hidden = /[\p{Cc}\p{Cs}\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]+/gu
const hiddenButLines = /(?!\n)[\p{Cc}\p{Cs}\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu

/** Text from outside on one line: without back-ticks, control and bidirectional characters (cards.md 1.4). */
export const cleanText = (text: string): string => text.replace(/`/g, '').replace(/[\n\r\t]+/g, ' ').replace(hidden, '')

/** Without pictures: read aloud, and in a notification, a name must not look like a state. */
export const withoutPictures = (text: string): string => text.replace(/[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]/gu, '')

/** What Slack reads as markup in mrkdwn (slack.md 3.3). */
export const escapeMrkdwn = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** For a message's `text`, which Slack reads as mrkdwn too: nothing in it can be a mention or a link. */
export const inert = (text: string): string => text.replace(/</g, '‹').replace(/>/g, '›')

/** At most `max` UTF-16 units, cut between code points, with `…` where something is missing. */
export const cut = (text: string, max: number): string => {
  if (text.length <= max) return text
  let kept = ''
  for (const character of text) {
    if (kept.length + character.length > max - 1) break
    kept += character
  }
  return `${kept}…`
}

/** The end of it, at most `max` UTF-16 units, with `…` in front where something is missing: of an image the name and tag are at its end. */
export const cutStart = (text: string, max: number): string => {
  if (text.length <= max) return text
  let kept = ''
  for (const character of [...text].toReversed()) {
    if (kept.length + character.length > max - 1) break
    kept = `${character}${kept}`
  }
  return `…${kept}`
}

/** A line as lines of at most `room` code points, broken at blanks, and inside a word only where that is longer than a line. Only the blanks at a break are lost. */
export const wrapped = (line: string, room: number): readonly string[] => {
  const lines: string[] = []
  let left = [...line]
  while (left.length > room) {
    const blank = left.lastIndexOf(' ', room)
    const head = left.slice(0, blank).join('').trimEnd()
    const at = blank < 0 || head === '' ? room : blank
    lines.push(at === room ? left.slice(0, room).join('').trimEnd() : head)
    left = [...left.slice(at).join('').trimStart()]
  }
  return [...lines, left.join('')]
}

/** Cuts escaped text so that no entity and no `<…>` is torn. */
export const cutMrkdwn = (text: string, max: number): string => {
  if (text.length <= max) return text
  const kept = cut(text, max - 4).slice(0, -1).replace(/&[a-z]*$/, '').replace(/<[^>]*$/, '')
  const ticks = kept.split('`').length - 1
  return `${kept}…${ticks % 2 === 1 ? '`' : ''}`
}

/** Lines of outside text for a code block: tabs as spaces, back-ticks as apostrophes, nothing hidden; not yet escaped. */
export const cleanCode = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(/\t/g, '  ').replace(/`/g, "'").replace(hiddenButLines, '')

/** Plain text of at most `max`, that still ends in a full stop. */
export const cutSentence = (text: string, max: number): string => (text.length <= max ? text : `${cut(text, max - 1)}.`)

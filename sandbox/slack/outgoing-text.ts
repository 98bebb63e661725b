import { escapeText } from './mrkdwn.ts'
import type { Workspace } from './store.ts'

/** Endings by which Slack's clients know a web address without a scheme (`example.com`). Theirs are all top level domains, these the usual ones. */
const domains = 'com|net|org|io|dev|app|co|ai|cloud|de|uk|eu'
const webAddress = new RegExp(String.raw`\bhttps?://[^\s<>|]+|(?<![\w.@/-])(?:[a-z0-9-]+\.)+(?:${domains})(?![\w.-]*\w@)(?:[/:][^\s<>|]*)?(?![\w-])`, 'gi')

const linked = (text: string) =>
  text.replaceAll(webAddress, (found) => {
    const address = found.replace(/[.,;:!?)]+$/, '')
    const tail = found.slice(address.length)
    return /^https?:/i.test(address) ? `<${address}>${tail}` : `<http://${address}|${address}>${tail}`
  })

/**
 * What somebody typed, as Slack hands it on: the three escapes, `@name` and `#name` of people and channels there are, and web addresses in angle brackets.
 * `labels` (slash commands with should_escape) keeps the name: `<@U1|ana>`. Text that already holds ids in brackets stays as it is.
 */
export const outgoing = (workspace: Workspace, text: string, options: { labels: boolean }): string => {
  const person = (name: string) => workspace.people().find((one) => one.name.toLowerCase() === name.toLowerCase() && !one.deactivated)
  const channel = (name: string) => workspace.channels().find((one) => !one.im && one.name.toLowerCase() === name.toLowerCase())
  return text
    .split(/(<[@#!][^<>]+>|```[\s\S]*?```|`[^`\n]+`)/)
    .map((part) => {
      if (/^<[@#!][^<>]+>$/.test(part)) return part
      if (part.startsWith('`') && !options.labels) return escapeText(part)
      return linked(escapeText(part)).replaceAll(/(^|[\s(,=])([@#])([\p{L}\p{N}][\p{L}\p{N}._-]*)/gu, (whole, before: string, sign: string, word: string) => {
        const name = word.replace(/[.]+$/, '')
        const tail = word.slice(name.length)
        if (sign === '@') {
          if (/^(here|channel|everyone)$/.test(name)) return `${before}<!${name}>${tail}`
          const found = person(name)
          return found ? `${before}<@${found.id}${options.labels ? `|${found.name}` : ''}>${tail}` : whole
        }
        const found = channel(name)
        return found ? `${before}<#${found.id}|${found.name}>${tail}` : whole
      })
    })
    .join('')
}

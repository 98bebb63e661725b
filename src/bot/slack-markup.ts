/** One character of what was typed. `marked` differs from `plain` only for a mention, which is one unit. */
export interface Unit {
  readonly plain: string
  /** `<@U1>`, `<#C1>` or `<!subteam^S1>` for a mention. */
  readonly marked: string
  /** Came out of Slack's markup: never a space, quote or dash that separates. */
  readonly literal: boolean
}

const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' }
const markup = /<([@#]|!subteam\^)([A-Z][A-Z0-9]*)(?:\|([^<>]*))?>|<((?:https?|mailto|tel|ftp):[^<>|]*)(?:\|([^<>]*))?>|&(?:amp|lt|gt);/gu

const undoEntities = (text: string): string => text.replace(/&(?:amp|lt|gt);/gu, (entity) => entities[entity] ?? entity)

/** What was typed before Slack made a link of it: its label when Slack added only the scheme, else the address. */
const typedLink = (address: string, label: string | undefined): string => {
  const plain = address.replace(/^(?:mailto|tel):/u, '')
  if (label === undefined) return plain
  const bare = address.replace(/^(?:https?:\/\/|mailto:|tel:|ftp:\/\/)/u, '')
  return bare.replace(/\/$/u, '') === label.replace(/\/$/u, '') ? label : plain
}

const literally = (text: string): Unit[] => [...text].map((char) => ({ plain: char, marked: char, literal: true }))

/** Undoes Slack's markup once: entities and links become what was typed, mentions one unit each. Pure. */
export const undoMarkup = (text: string): Unit[] => {
  const units: Unit[] = []
  let from = 0
  const copy = (to: number): void => {
    for (const char of text.slice(from, to)) units.push({ plain: char, marked: char, literal: false })
  }
  for (const match of text.matchAll(markup)) {
    copy(match.index)
    from = match.index + match[0].length
    const [whole, sigil, id, name, address, label] = match
    if (sigil !== undefined && id !== undefined) {
      const marked = `<${sigil}${id}>`
      units.push({ plain: name === undefined || name === '' ? marked : `${sigil.startsWith('!') ? '@' : sigil}${undoEntities(name).replace(/^@/u, '')}`, marked, literal: true })
    } else if (address !== undefined) {
      units.push(...literally(typedLink(undoEntities(address), label === undefined ? undefined : undoEntities(label))))
    } else units.push(...literally(entities[whole] ?? whole))
  }
  copy(text.length)
  return units
}

import type { Command } from '../src/bot/command.ts'
import { usageOf } from '../src/bot/messages/help.ts'
import { commands } from '../src/bot/registry.ts'
import { settings } from '../src/settings.ts'
import { markdownTable } from './markdown-table.ts'

/** What only says that it is not there yet is no command to read about. */
const told = commands.filter((command) => command.anyFlags !== true)
const commandRow = (command: Command): readonly string[] => [`\`${usageOf(command)}\``, command.role, command.summary]

const tables = {
  commands: () => markdownTable(['command', 'who', 'what'], told.map(commandRow)),
  settings: () => markdownTable(['setting', 'when left out', 'what'], settings.map(({ name, otherwise, what }) => [`\`${name}\``, otherwise, what])),
} as const

/** Markers around a table in README.md; what stands between them is written by `npm run docs`. */
const open = (name: string): string => `<!-- ${name}: made by \`npm run docs\` from the code -->`
const close = (name: string): string => `<!-- end of ${name} -->`

/** README.md with its tables as the code has them. Pure. Throws where a marker is missing. */
export const readmeWithTables = (readme: string): string => {
  let text = readme
  for (const [name, draw] of Object.entries(tables)) {
    const [from, to] = [text.indexOf(open(name)), text.indexOf(close(name))]
    if (from === -1 || to < from) throw new Error(`README.md lacks the markers of its table of ${name}: ${open(name)} … ${close(name)}`)
    text = `${text.slice(0, from + open(name).length)}\n${draw()}\n${text.slice(to)}`
  }
  return text
}

import type { Command } from './command.ts'

/** The command that `help …` is asked for: by its whole name, in singular or plural, or by its last word where only one has it. Pure. */
export const matchHelp = (words: readonly string[], commands: readonly Command[]): Command | null => {
  const typed = words.map((text) => text.toLowerCase()).filter((text) => text !== 'convox' && text !== '/convox')
  const name = typed.join(' ')
  const named = (wanted: string): Command | undefined => commands.find((command) => command.name === wanted)
  const whole = named(name) ?? named(name.replace(/^(\S+)/u, '$1s'))
  if (whole !== undefined) return whole
  const byLast = commands.filter((command) => command.name.split(' ').at(-1) === name)
  return byLast.length === 1 ? (byLast[0] ?? null) : null
}

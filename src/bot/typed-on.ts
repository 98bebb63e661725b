/** A command as it is typed where there are several racks: `-r` is added to one that does not say its rack. Help is of none. Pure. */
export const typedOn = (rack: string, command: string): string =>
  (/ (?:-r|--rack)[ =]/u.test(command) || /^\/convox help\b/u.test(command) ? command : `${command} -r ${rack}`)

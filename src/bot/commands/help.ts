import { defineRackCommand, type Command } from '../command.ts'
import { helpOf, helpOverview } from '../messages/help.ts'
import { matchHelp } from '../match-help.ts'
import { say } from '../say.ts'
import { UsageFailure } from '../usage-error.ts'

/** `help`, made of the definitions of all commands; they are asked for late, because it is one of them. */
export const helpFor = (all: () => readonly Command[]): Command =>
  defineRackCommand({
    name: 'help',
    summary: 'Lists the commands, or shows one of them.',
    args: [{ name: 'command', what: 'The command, such as `releases promote` or just `promote`.', required: false, many: true }],
    flags: [],
    role: 'viewer',
    example: 'help promote',
    run: async (context, args) => {
      const words = args.words.map((token) => token.text)
      if (words.length === 0) return say(context, helpOverview(all()))
      const command = matchHelp(words, all())
      if (command === null) throw new UsageFailure({ code: 'unknown_command', words: words.join(' ') })
      return say(context, helpOf(command))
    },
  })

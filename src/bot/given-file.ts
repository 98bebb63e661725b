import type { Context } from './context.ts'
import { UsageFailure } from './usage-error.ts'

/** The text of a file that a person gave. Throws `UsageFailure` when it is none, or cannot be read. */
export const givenFile = async (context: Pick<Context, 'slack'>, id: string): Promise<string> => {
  const read = await context.slack.readFile(id)
  if (!read.ok) throw new UsageFailure({ code: 'file_unusable', name: read.name, why: read.why })
  return read.text
}

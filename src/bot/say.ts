import type { Answer } from './blocks.ts'
import type { Context } from './context.ts'

/** Answers the person; what is too long for Slack follows as a file. */
export const say = async (context: Pick<Context, 'slack'>, answer: Answer, options?: { readonly replace?: boolean }): Promise<void> => {
  await context.slack.answer({ text: answer.text, blocks: answer.blocks }, options)
  if (answer.file !== undefined) await context.slack.sayFile(answer.file.name, answer.file.content)
}

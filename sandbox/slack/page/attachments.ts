import { tooLarge } from '../upload-limits.ts'

/** Files in one message (docs.slack.dev: ten at once). */
const most = 10

/** What waits to go with a message, and why something was not taken. */
export interface Attached<File> { readonly files: readonly File[]; readonly problem: string | undefined }

/** The files with more of them: one of the same name takes the place of the one before. What is too large, or too many, is left out and said. Pure. */
export const attach = <File extends { readonly name: string; readonly size: number }>(before: readonly File[], more: readonly File[]): Attached<File> => {
  const fits = more.filter((file) => tooLarge(file) === null)
  const large = more.map(tooLarge).find((why) => why !== null)
  const all = [...before.filter(({ name }) => !fits.some((file) => file.name === name)), ...fits]
  const files = all.slice(0, most)
  return { files, problem: large ?? (files.length < all.length ? `A message takes at most ${most} files.` : undefined) }
}

/** Why a message cannot be sent like this; undefined when it can. As in Slack, only messages carry files. Pure. */
export const unsendable = (text: string, files: number, bot: string): string | undefined =>
  (files > 0 && text.trim().startsWith('/') ? `A slash command takes no file. Write @${bot} in place of ${text.trim().split(/\s/)[0] ?? ''}, and the same words.` : undefined)

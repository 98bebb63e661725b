import type { Args, Flag } from './command.ts'
import { UsageFailure } from './usage-error.ts'

/** The flags that `builds import-image` and `deploy` share. */
export const importFlags: readonly Flag[] = [
  { name: 'description', short: 'd', kind: 'text', value: 'text', what: 'Description of the build and its release.' },
  { name: 'git-sha', kind: 'text', value: 'sha', what: 'The commit the image was made of.' },
  { name: 'message', kind: 'text', value: 'text', what: 'The commit\'s subject.' },
  { name: 'release', kind: 'id', value: 'release', what: 'The release whose env is kept; the newest one when left out.' },
]

/** What to import, without its manifest. */
export interface ImportInput {
  /** For every service without an image of its own. */
  readonly image: string | null
  readonly images: readonly (readonly [service: string, reference: string])[]
  readonly description: string | null
  readonly gitSha: string | null
  readonly message: string | null
  readonly base: string | null
}

/**
 * Reads the words of an import: at most one bare image, and `service=image` for single services. Pure. Throws `UsageFailure` for a second
 * bare image, because nobody could say which one is meant.
 */
export const importInput = (args: Args, command: string): ImportInput => {
  const [image, second] = args.words.filter((token) => token.assignment === null)
  if (second === undefined) return read(args, image?.text ?? null)
  throw new UsageFailure({
    code: 'too_many_arguments', text: 'only one image without a service', word: second.text, command,
    example: `${command} web=registry.example.com/shop:1.4.2 worker=registry.example.com/jobs:1.4.2 -a shop`,
  })
}

const read = (args: Args, image: string | null): ImportInput => ({
  image,
  images: args.words.flatMap((token) => (token.assignment === null ? [] : [[token.assignment.key, token.assignment.value] as const])),
  description: args.text.description ?? null,
  gitSha: args.text['git-sha'] ?? null,
  message: args.text.message ?? null,
  base: args.text.release ?? null,
})

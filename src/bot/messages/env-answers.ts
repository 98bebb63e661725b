import type { ReleaseInfo } from '../../rack/operations.ts'
import type { Answer } from '../blocks.ts'
import { code, say } from './phrase.ts'
import { codeAnswer, sentenceAnswer } from './tables.ts'

/** One sorted `KEY=****` per line; a revealed value as it is, JSON-quoted when it holds a newline. */
export const envLines = (env: ReleaseInfo['env']): string =>
  env.map(({ key, value }) => `${key}=${value === null ? '****' : /[\n\r]/.test(value) ? JSON.stringify(value) : value}`).join('\n')

const audited = say`Only you can see this; it is audited.`

/** `env`: the keys of one release. */
export const envAnswer = (app: string, found: { readonly release: string | null; readonly env: ReleaseInfo['env'] }): Answer => {
  if (found.env.length === 0) return sentenceAnswer(
    `no env for ${app} yet`,
    say`no env for ${code(app)} yet`,
    say`${code(`/convox env set KEY=value -a ${app}`)}`,
  )
  const revealed = found.env.some(({ value }) => value !== null)
  return codeAnswer({
    text: `Env of ${app}${found.release === null ? '' : `, release ${found.release}`}: ${found.env.length} ${found.env.length === 1 ? 'key' : 'keys'}.`,
    code: envLines(found.env),
    file: 'env.txt',
    exact: revealed,
    ...(revealed ? { under: [audited] } : {}),
    ...(found.release === null ? {} : { context: say`Release ${code(found.release)}` }),
  })
}

/** `env get`: one value, to the person alone. */
export const envValueAnswer = (app: string, key: string, value: string): Answer =>
  codeAnswer({ text: `The value of ${key} of ${app}.`, code: value, file: `${key}.txt`, exact: true, under: [audited] })

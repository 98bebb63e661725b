import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../../../src/bot/messages/', import.meta.url))
const drawn = readFileSync(new URL('support/every-message.ts', import.meta.url), 'utf8')

/** Names of exported functions that make a whole message, answer or modal: by what they say they return. */
const builders = readdirSync(folder).flatMap((file) =>
  [...readFileSync(`${folder}${file}`, 'utf8').matchAll(/^export const (\w+) = (?:[^=]|=(?!>))*?\): (?:Answer|Message|Notice|ModalView|DiffView|Drawn)(?: \| null)? =>/gm)].map(([, name = '']) => `${file.replace('.ts', '')}: ${name}`))

/** Made of facts that another one hands on. */
const within = ['reply: replyMessage', 'tables: codeAnswer', 'tables: sentenceAnswer', 'modals: modal']

describe('the list of every message (support/every-message.ts)', () => {
  it('knows how a builder looks', () => {
    expect(builders).toEqual(expect.arrayContaining(['announcement: announcement', 'notice: notice', 'promotion-card: promotionCard', 'release-answers: releasesAnswer', 'modals: envView', 'diff-view: diffView']))
  })

  it('draws every message that the bot can make', () => {
    const missing = builders.filter((builder) => !within.includes(builder) && !new RegExp(`\\b${builder.split(': ')[1]}\\(`).test(drawn))
    expect(missing).toEqual([])
  })
})

import { describe, expect, it } from 'vitest'
import type { FileRead } from '../../src/bot/context.ts'
import { dispatch, submit } from '../../src/bot/dispatch.ts'
import type { Operations } from '../../src/rack/operations.ts'
import { refuse } from '../../src/rack/refusal.ts'
import { deskFor, rackThat } from './desk.ts'
import { drawn } from './messages/support/seen.ts'

const long = `services:\n${'  # a long comment\n'.repeat(400)}`
const file: FileRead = { ok: true, name: 'convox.yml', text: long }
const words = { image: 'shop:1', images: [], description: null, gitSha: null, message: null, base: null }
const info: Operations['appInfo'] = (_caller, app) => Promise.resolve({
  app, status: 'running', release: null, namespace: `convox-${app}`, moving: null, waiting: 0,
  params: { channel: null, approvals: 1, approvers: [], deadline: 600, stability: 30, expiry: 3600 },
})

const bench = (given: Readonly<Record<string, FileRead>> = { F1: file }, trigger = true, importImage?: Operations['importImage']) => {
  const imported: (string | null)[] = []
  const taken: Operations['importImage'] = (_caller, { manifest }) => {
    imported.push(manifest)
    return Promise.resolve({ build: 'BABCDEFGHIJ', release: 'RABCDEFGHIJ', base: null, warnings: [] })
  }
  return { imported, ...deskFor({ racks: [rackThat({ appInfo: info, importImage: importImage ?? taken })], given, trigger }) }
}
const form = (fields: Readonly<Record<string, string | null | readonly string[]>>) =>
  ({ kind: 'submission' as const, view: 'import_manifest', metadata: JSON.stringify({ app: 'shop', input: JSON.stringify(words) }), fields })

describe('the form of builds import-image --manifest', () => {
  it('takes a file or text (cards.md 6)', async () => {
    const { desk, modals } = bench()
    await dispatch(desk, { kind: 'command', text: 'builds import-image shop:1 --manifest -a shop' })
    expect(drawn(modals.at(-1)?.blocks ?? [])).toBe('The convox.yml of `shop`\n[input  ] File (One convox.yml.)\n[input  ] Text (Up to 3,000 characters; longer as a file.)')
  })

  it.each([
    ['a file', { manifest_file: ['F1'], manifest_text: null }, long],
    ['text', { manifest_file: [], manifest_text: 'services: {}' }, 'services: {}'],
    ['text where the client sends no file field', { manifest_text: 'services: {}' }, 'services: {}'],
  ])('imports %s', async (_what, fields, manifest) => {
    const { desk, imported, answers } = bench()
    await submit(desk, form(fields)).done
    expect([imported, answers[0]?.text]).toEqual([[manifest], 'Build BABCDEFGHIJ and release RABCDEFGHIJ of shop are created.'])
  })

  it.each([
    ['both', { manifest_file: ['F1'], manifest_text: 'services: {}' }, 'Give a file or text, not both.'],
    ['neither', { manifest_file: [], manifest_text: ' ' }, 'Give a file or text.'],
  ])('stays open for %s', async (_what, fields, error) => {
    const { desk, imported } = bench()
    expect(await submit(desk, form(fields)).errors).toEqual({ manifest_text: error })
    expect(imported).toEqual([])
  })

  it.each([
    ['file', { manifest_file: ['F1'] }, 'manifest_file'],
    ['text', { manifest_text: 'nope' }, 'manifest_text'],
  ])('says what is wrong with a manifest under its %s', async (_what, fields, field) => {
    const { desk } = bench({ F1: file }, true, async () => refuse({ code: 'manifest_invalid', errors: ['services: is missing'] }))
    const { errors, done } = submit(desk, form(fields))
    expect(await errors).toEqual({ [field]: 'validation errors:\nservices: is missing' })
    await done
  })

  it.each([
    ['gone', "I can't see the file convox.yml."],
    ['too_large', 'convox.yml is too large: a convox.yml has at most 256 KiB.'],
    ['not_text', 'convox.yml is no text file.'],
    ['not_allowed', 'Slack does not let me read files: scope files:read is missing.'],
  ] as const)('creates nothing of a file that is %s', async (why, says) => {
    const { desk, imported, answers } = bench({ F1: { ok: false, name: 'convox.yml', why } })
    await submit(desk, form({ manifest_file: ['F1'] })).done
    expect(answers[0]?.text).toContain(says)
    expect(imported).toEqual([])
  })
})

describe('a message with a file', () => {
  it.each(['builds import-image shop:1 --manifest -a shop', 'builds import-image shop:1 -a shop'])('brings the manifest of its command: %s', async (text) => {
    const { desk, imported, modals } = bench({ F1: file }, false)
    await dispatch(desk, { kind: 'mention', text, files: ['F1'] })
    expect([imported, modals]).toEqual([[long], []])
  })

  it('is asked about when it says nothing', async () => {
    const { desk, answers, imported } = bench({ F1: file }, false)
    await dispatch(desk, { kind: 'mention', text: ' ', files: ['F1'] })
    expect(answers[0]?.text).toContain('Write the command beside it, such as builds import-image <image> --manifest -a shop.'.replace(/[<>]/g, (sign) => (sign === '<' ? '‹' : '›')))
    expect(imported).toEqual([])
  })

  it('changes nothing for a command that takes none', async () => {
    const { desk, answers } = bench({ F1: file }, false)
    await dispatch(desk, { kind: 'mention', text: 'help', files: ['F1'] })
    expect(answers[0]?.text).toContain('Every command')
  })
})

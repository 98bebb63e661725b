import type { Button } from '@slack/types'
import { describe, expect, it } from 'vitest'
import { dispatch } from '../../src/bot/dispatch.ts'
import type { Message } from '../../src/bot/blocks.ts'
import type { Actor, Role } from '../../src/rack/actor.ts'
import type { Operations, ReleasePage } from '../../src/rack/operations.ts'
import { refuse } from '../../src/rack/refusal.ts'
import { ana, buttonsOf, deskFor, rackThat } from './desk.ts'

const nobody: ReleasePage = { rows: [], total: 0, more: false, above: 0, after: null, before: null, active: null }
const as = (role: Role): Actor => ({ ...ana, role })

interface Asked { readonly label: string; readonly dialog: { readonly title: string; readonly text: string; readonly confirm: string; readonly deny: string } | null }

const wordsOf = ({ confirm }: Button): Asked['dialog'] =>
  (confirm === undefined ? null : { title: confirm.title?.text ?? '', text: confirm.text.text, confirm: confirm.confirm?.text ?? '', deny: confirm.deny?.text ?? '' })

/** The buttons of an answer with what they ask before they run. */
const asked = (message: Message | undefined): Asked[] =>
  (message?.blocks ?? []).flatMap((block) => (block.type === 'actions' ? block.elements : [])).flatMap((element) =>
    (element.type === 'button' ? [{ label: element.text.text, dialog: wordsOf(element) }] : []))

const answerTo = async (text: string, role: Role = 'admin', answers: Partial<Operations> = {}): Promise<Message | undefined> => {
  const made = deskFor({ racks: [rackThat(answers)], identify: () => Promise.resolve(as(role)) })
  await dispatch(made.desk, { kind: 'command', text })
  return made.answers[0]
}

describe('a wrong word', () => {
  it('offers what reads at a click', async () => {
    expect(asked(await answerTo('relases -a shop'))).toEqual([{ label: 'releases', dialog: null }])
  })

  it('asks before it runs a guess that changes something, and shows no value', async () => {
    expect(asked(await answerTo('evn set TOKEN=hunter2 "A B=c" -a shop'))).toEqual([{
      label: 'env set', dialog: { title: 'Run env set?', text: '/convox env set TOKEN=… A B=… -a shop', confirm: 'env set', deny: 'Not now' },
    }])
    expect(asked(await answerTo('releases promot RX -a shop'))).toEqual([{
      label: 'releases promote', dialog: { title: 'Run releases promote?', text: '/convox releases promote RX -a shop', confirm: 'releases promote', deny: 'Not now' },
    }])
  })

  it.each(['env edti', 'evn set', 'apps delet shop', 'releases create-form', 'builds import-imag shop:1 --manifest'])('asks nothing before a form that asks itself: %s', async (typed) => {
    const [first] = asked(await answerTo(typed))
    expect(first?.dialog).toBeNull()
  })

  it.each<[Role, string, readonly string[]]>([
    ['viewer', 'releases promot RX', []],
    ['viewer', 'evn', ['env']],
    ['deployer', 'apps delet shop', []],
    ['deployer', 'releases promot', ['releases promote']],
    ['admin', 'apps delet shop', ['apps delete']],
    ['approver', 'audti', []],
    ['admin', 'audti', ['audit']],
  ])('offers a %s who typed %j only what they may do', async (role, typed, labels) => {
    const message = await answerTo(typed, role)
    expect(message?.text).toContain('Unknown command')
    expect(asked(message).map(({ label }) => label)).toEqual(labels)
  })
})

describe('a wrong name', () => {
  const promote: Operations['promote'] = async (_caller, { release, app }) => refuse({ code: 'release_not_found', release: release ?? '', app, nearest: ['RABCDEFGHIJ'] })

  it('asks before it promotes the release that may have been meant', async () => {
    expect(asked(await answerTo('releases promote RABCDEFGHIX -a shop', 'deployer', { promote }))).toEqual([{
      label: 'RABCDEFGHIJ', dialog: { title: 'Run releases promote?', text: '/convox releases promote RABCDEFGHIJ -a shop', confirm: 'RABCDEFGHIJ', deny: 'Not now' },
    }])
  })

  it('asks nothing where the person only has to choose between what they meant', async () => {
    const answers: Partial<Operations> = { appsOfChannel: () => Promise.resolve(['shop', 'mail']), promote }
    expect(asked(await answerTo('releases promote RX', 'deployer', answers))).toEqual([{ label: 'shop', dialog: null }, { label: 'mail', dialog: null }])
  })
})

describe('a channel in place of an app', () => {
  const lists = (apps: readonly string[], seen: unknown[]): Partial<Operations> => ({
    appsOfChannel: (channel) => Promise.resolve(channel === 'C0OTHER' ? apps : ['shop']),
    listReleases: (_caller, input) => {
      seen.push(input)
      return Promise.resolve(nobody)
    },
    listApps: () => Promise.resolve([{ app: 'far', status: 'running', release: null }]),
  })

  it.each(['releases -a <#C0OTHER|mail-releases>', 'releases --app=<#C0OTHER>', '-a “<#C0OTHER>” releases'])('is the app whose cards go there: %s', async (typed) => {
    const seen: unknown[] = []
    await answerTo(typed, 'viewer', lists(['mail'], seen))
    expect(seen).toEqual([{ app: 'mail', limit: 10 }])
  })

  it('is asked about where it has several apps, or none', async () => {
    const several = await answerTo('releases -a <#C0OTHER>', 'viewer', lists(['mail', 'jobs'], []))
    expect(buttonsOf(several ?? { blocks: [] }).map(({ label }) => label)).toEqual(['mail', 'jobs'])
    const none = await answerTo('releases -a <#C0OTHER>', 'viewer', lists([], []))
    expect(none?.text).toContain('belongs to no app')
    expect(buttonsOf(none ?? { blocks: [] }).map(({ label }) => label)).toEqual(['far'])
  })

  it('names the app of an audit too', async () => {
    const seen: unknown[] = []
    const listAudit: Operations['listAudit'] = (_caller, input) => {
      seen.push(input)
      return Promise.resolve({ rows: [], after: null, before: null })
    }
    await answerTo('audit -a <#C0OTHER>', 'admin', { ...lists(['mail'], []), listAudit })
    expect(seen).toEqual([{ app: 'mail', since: null, by: null, limit: 20 }])
  })

  it('runs the choice on the chosen app', async () => {
    const seen: unknown[] = []
    const { desk, answers } = deskFor({ racks: [rackThat(lists(['mail', 'jobs'], seen))], identify: () => Promise.resolve(as('viewer')) })
    await dispatch(desk, { kind: 'command', text: 'releases -a <#C0OTHER>' })
    const [, jobs] = buttonsOf(answers[0] ?? { blocks: [] })
    await dispatch(desk, { kind: 'click', action: jobs?.action ?? '', value: jobs?.value ?? '', on: 'ephemeral' })
    expect(seen).toEqual([{ app: 'jobs', limit: 10 }])
  })
})

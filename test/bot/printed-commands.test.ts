import type { KnownBlock } from '@slack/types'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/bot/blocks.ts'
import { dispatch } from '../../src/bot/dispatch.ts'
import { rememberRack } from '../../src/bot/on-rack.ts'
import type { AppInfo } from '../../src/rack/operations.ts'
import { refuse, type Refusal } from '../../src/rack/refusal.ts'
import { deskFor, rackThat } from './desk.ts'
import { announcements, answers, cards, modals, notices, tellings } from './messages/support/every-message.ts'
import { mrkdwnOf } from './messages/support/seen.ts'
import { byStatus } from './messages/support/views.ts'

/** The commands a person may copy out of blocks, without those of help, which is of no rack. */
const printedIn = (blocks: readonly KnownBlock[]): readonly string[] =>
  mrkdwnOf(blocks).flatMap((text) => [...text.matchAll(/(?<!`)`(\/convox (?!help\b)[^`]+)`(?!`)/g)].map(([, command = '']) => command))

const racksIn = (command: string): readonly string[] => [...command.matchAll(/ -r (\S+)/g)].map(([, rack = '']) => rack)

const several = [rackThat({ rack: 'prod' }), rackThat({ rack: 'staging' })]

/** What a person sees of an answer that was given on a rack. */
const shownOn = async (rack: string, message: Message, racks = several): Promise<Message> => {
  const { desk, answers: shown } = deskFor({ racks })
  await rememberRack(desk.slack, rack, racks).answer(message)
  return shown[0] ?? message
}

describe('every printed command, where there are several racks', () => {
  it('says its rack once in every answer', async () => {
    let seen = 0
    for (const { name, text, blocks } of answers()) {
      for (const command of printedIn((await shownOn('staging', { text, blocks: [...blocks] })).blocks)) {
        seen += 1
        expect(racksIn(command), `${name}: ${command}`).toHaveLength(1)
      }
    }
    expect(seen).toBeGreaterThan(200)
  })

  it('says it in the notification too, as far as it stands there', async () => {
    let seen = 0
    for (const { name, text, blocks } of answers().filter((answer) => !answer.name.startsWith('help'))) {
      const shown = await shownOn('staging', { text, blocks: [...blocks] })
      for (const command of printedIn(blocks).filter((one) => racksIn(one).length === 0)) {
        const plain = command.replaceAll('&lt;', '‹').replaceAll('&gt;', '›')
        if (!text.includes(`${plain} `) && !text.endsWith(plain)) continue
        seen += 1
        expect(shown.text, name).toContain(`${plain} -r staging`)
      }
    }
    expect(seen).toBeGreaterThan(20)
  })

  it('says it on every card, notice and announcement', () => {
    const told = [...cards(), ...notices(), ...announcements(), ...tellings()].filter(({ text }) => / on (prod|a-rack-with-a-long-name-of-thirty)\b/.test(text))
    expect(told.flatMap(({ blocks }) => printedIn(blocks)).length).toBeGreaterThan(50)
    for (const { name, blocks } of told) for (const command of printedIn(blocks)) expect(racksIn(command), `${name}: ${command}`).toHaveLength(1)
  })

  it('stands in no form, which would not say it', () => {
    for (const { name, view } of modals()) expect(JSON.stringify(view), name).not.toMatch(/`\/convox /)
  })

  it('is as short as it was where there is one rack', async () => {
    for (const { text, blocks } of answers()) {
      const message = { text, blocks: [...blocks] }
      expect(await shownOn('convox', message, [rackThat({})])).toEqual(message)
    }
  })
})

const info = (app: string): AppInfo => ({
  app, status: 'running', release: null, namespace: `x-${app}`, params: { channel: 'C0SHOP', approvals: 1, approvers: [], deadline: 600, stability: 30, expiry: 3600 },
  moving: null, waiting: 0, lock: null, freezes: [],
})
const no = (refusal: Refusal) => (): Promise<never> => Promise.resolve().then(() => refuse(refusal))
const unknown = no({ code: 'promotion_not_found', promotion: 'PAAAAAAAAAA', app: '', nearest: [] })

describe('a no on the second rack prints commands of that one', () => {
  const elsewhere = rackThat({ rack: 'prod', appsOfChannel: () => Promise.resolve([]), appInfo: no({ code: 'app_not_found', app: 'shop', nearest: [] }), promotionInfo: unknown })

  it('to a typed command', async () => {
    const lockApp = no({ code: 'not_locked', app: 'shop' })
    const { desk, answers: said } = deskFor({ racks: [elsewhere, rackThat({ rack: 'staging', appInfo: (_caller, app) => Promise.resolve(info(app)), lockApp })] })
    await dispatch(desk, { kind: 'command', text: 'apps lock shop --reason why' })
    expect(said[0]?.text).toContain('/convox apps lock shop --reason "why" -r staging')
  })

  it('to a click on a promotion, whose button names no rack', async () => {
    const cancel = no({ code: 'not_updating', app: 'shop' })
    const { desk, answers: said } = deskFor({ racks: [elsewhere, rackThat({ rack: 'staging', promotionInfo: () => Promise.resolve(byStatus.rolling_out), cancel })] })
    await dispatch(desk, { kind: 'click', action: 'cancel_rollout', value: 'PAAAAAAAAAA:1', on: 'message' })
    expect(said[0]?.text).toContain('/convox promotions -a shop -r staging')
  })

  it('in the modal that was opened for it', async () => {
    const mayDecide = no({ code: 'not_updating', app: 'shop' })
    const { desk, modals: seen } = deskFor({ racks: [elsewhere, rackThat({ rack: 'staging', promotionInfo: () => Promise.resolve(byStatus.awaiting_approval), mayDecide })] })
    await dispatch(desk, { kind: 'click', action: 'reject', value: 'PAAAAAAAAAA:1', on: 'message' })
    expect(JSON.stringify(seen.at(-1)?.blocks)).toContain('`/convox promotions -a shop -r staging`')
  })
})

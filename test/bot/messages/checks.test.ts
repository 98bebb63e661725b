import type { ActionsBlockElement, Button, KnownBlock, SectionBlockAccessory } from '@slack/types'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { checkMessageBlocks, checkView } from '../../../sandbox/slack/block-rules.ts'
import { isFinal } from '../../../src/rack/promotion.ts'
import { actionIds } from '../../../src/bot/action-ids.ts'
import { shortOf } from '../../../src/bot/messages/causes.ts'
import { notice } from '../../../src/bot/messages/notice.ts'
import { promotionCard } from '../../../src/bot/messages/promotion-card.ts'
import { promotionInfoText } from '../../../src/bot/messages/promotion-answers.ts'
import { lastLine, threadLine } from '../../../src/bot/messages/thread.ts'
import { textOf, titleOf } from '../../../src/bot/messages/promotion-title.ts'
import { announcements, answers, cards, longList, modals, notices, tellings } from './support/every-message.ts'
import { drawn, mrkdwnOf, seen, strings } from './support/seen.ts'
import { isTame, views } from './support/every-situation.ts'
import { byStatus, iso, names, situations } from './support/views.ts'

const every = (): readonly { name: string; text: string; blocks: readonly KnownBlock[] }[] => [...cards(), ...notices(), ...announcements(), ...tellings(), ...answers(), longList()]

const elementsOf = (block: KnownBlock): readonly (ActionsBlockElement | SectionBlockAccessory)[] => {
  if (block.type === 'actions') return block.elements
  return block.type === 'section' && block.accessory !== undefined ? [block.accessory] : []
}
const elements = (blocks: readonly KnownBlock[]): readonly (ActionsBlockElement | SectionBlockAccessory)[] => blocks.flatMap((block) => elementsOf(block))
const buttonsOf = (blocks: readonly KnownBlock[]): readonly Button[] => elements(blocks).flatMap((element) => (element.type === 'button' ? [element] : []))
const codeless = (text: string): string => text.replace(/```[\s\S]*?```/g, '').replace(/`[^`]*`/g, '').replace(/"[^"]*"/g, '')

describe('cards.md 8, over all messages in all states', () => {
  it('1: text of cards and notices is one plain sentence of at most 200 that begins with the state', () => {
    const words = /^(Waiting for approval|Queued|Rolling out|Rolling back|Succeeded|Rejected|Expired|Cancelled|Failed|Superseded|Rolled back|Rollback FAILED): /
    for (const { name, text } of [...cards(), ...notices()]) {
      expect(text.length, name).toBeLessThanOrEqual(200)
      expect(text, name).toMatch(words)
      expect(text, name).toMatch(/\.$/)
      expect(text, name).not.toMatch(/[`<>]|\p{Extended_Pictographic}/u)
    }
    for (const { name, text } of answers()) {
      expect(text.length, name).toBeLessThanOrEqual(3000)
      expect(text, name).not.toContain('<')
    }
    for (const [name, view] of views()) expect(textOf(view), name).toContain(view.app)
    for (const [name, view] of Object.entries(byStatus)) expect(textOf(view), name).not.toContain('<')
  })

  it('1: no message is without text, and what nobody asked for names in it what it is about', () => {
    for (const { name, text } of every()) expect(text, name).toMatch(/\p{L}{2}/u)
    for (const { name, about, text } of [...announcements(), ...tellings()]) {
      // Where another company reads along nothing is named.
      if (about === null) expect(name).toBe('telling, redacted')
      else expect(text, name).toContain(about)
    }
    for (const { name, text } of announcements()) expect(text, name).toMatch(/[.…]$/u)
  })

  it('2: every block is within Slack\'s limits and ours', () => {
    for (const { name, blocks } of every()) {
      expect(JSON.stringify(blocks).length, name).toBeLessThanOrEqual(10_000)
      expect(blocks.length, name).toBeLessThanOrEqual(name === 'releases' ? 24 : 10)
      for (const block of blocks) {
        if (block.type === 'header') expect(block.text.text.length, name).toBeLessThanOrEqual(150)
        if (block.type !== 'section') continue
        expect(block.text?.text.length ?? 0, name).toBeLessThanOrEqual(3000)
        expect(block.fields?.length ?? 0, name).toBeLessThanOrEqual(6)
        expect(block.text !== undefined || (block.fields?.length ?? 0) > 0, name).toBe(true)
        for (const field of block.fields ?? []) {
          expect(field.text.length, name).toBeLessThanOrEqual(2000)
          expect([...seen(field.text).replaceAll(/[`*]/g, '')].length, `${name}: ${field.text}`).toBeLessThanOrEqual(80)
        }
      }
    }
    for (const [name, view] of Object.entries({ ...byStatus, ...situations })) expect(titleOf({ ...view, app: 'a'.repeat(20), severalRacks: false }).length, name).toBeLessThanOrEqual(60)
  })

  it('2: Slack takes every message and every modal, by its own rules as the sandbox has them', () => {
    for (const { name, blocks } of every()) expect(checkMessageBlocks(blocks), name).toMatchObject({ ok: true })
    for (const { name, view } of modals()) expect(checkView(view), name).toMatchObject({ ok: true })
  })

  it('2: no part of a card or notice is longer than a person reads', () => {
    for (const { name, blocks } of [...cards(), ...notices(), ...announcements()]) for (const text of mrkdwnOf(blocks)) expect(seen(text).length, name).toBeLessThanOrEqual(2500)
  })

  it('2.1: names the rack wherever there are several, in what is read and in what is typed', () => {
    for (const [name, view] of views().filter(([, one]) => one.severalRacks)) {
      const where = `${view.app} on ${view.rack}`
      expect(titleOf(view), name).toContain(where)
      expect(textOf(view), name).toContain(where)
      for (const message of [promotionCard(view), notice(view)]) {
        for (const text of mrkdwnOf(message?.blocks ?? [])) for (const [command] of text.matchAll(/`\/convox [^`]*`/g)) expect(command, name).toMatch(new RegExp(` -r ${view.rack}\\b`))
      }
    }
  })

  it('names what an automatic rollback goes back to, until it is over', () => {
    for (const [name, view] of views()) {
      const context = drawn(promotionCard(view).blocks).split('\n').at(-1) ?? ''
      const back = view.target ?? view.from
      if (back === null || view.status === 'rolling_back') continue
      if (view.status === 'awaiting_approval' || view.status === 'queued') expect(context, name).toContain(`If it fails: back to \`${back}\``)
      if (view.status === 'rolling_out' && view.progress?.phase === 'services') expect(context, name).toContain(`rolls back to \`${back}\` by itself`)
      if (view.status === 'rolling_out' && view.progress?.phase === 'stable') expect(context, name).toContain(`still rolls back to \`${back}\``)
    }
  })

  it('3: buttons are few, short, labelled and at most one is primary', () => {
    for (const { name, blocks } of every()) {
      const buttons = buttonsOf(blocks)
      const menus = elements(blocks).filter(({ type }) => type === 'overflow')
      if (!/^(list, )?releases$/.test(name)) expect(buttons.length, name).toBeLessThanOrEqual(3)
      expect(menus.length, name).toBeLessThanOrEqual(1)
      for (const menu of menus) expect(menu.type === 'overflow' && menu.options.length >= 2 && menu.options.length <= 5, name).toBe(true)
      expect(buttons.filter(({ style }) => style === 'primary').length, name).toBeLessThanOrEqual(1)
      for (const button of buttons) {
        expect(button.text.text.length, name).toBeLessThanOrEqual(24)
        expect(button.text.text, name).not.toMatch(/^(OK|Yes|Submit)$/)
        expect(button.accessibility_label?.length ?? 0, name).toBeGreaterThan(0)
        expect(button.accessibility_label?.length ?? 99, name).toBeLessThanOrEqual(75)
        expect(actionIds.some((id) => id === button.action_id), `${name}: ${button.action_id}`).toBe(true)
      }
      for (const block of blocks) {
        const ids = block.type === 'actions' ? block.elements.flatMap((element) => element.action_id ?? []) : []
        expect(new Set(ids).size, name).toBe(ids.length)
      }
    }
    for (const [name, view] of views()) for (const button of buttonsOf(promotionCard(view).blocks)) {
      expect(button.accessibility_label, name).toContain(view.release.id)
      expect(button.accessibility_label, name).toContain(`on ${view.app.slice(0, 20)}`)
      expect(button.value, name).toBe(`${view.id}:${view.rev}`)
    }
  })

  it('4: dialogs and modals keep their limits, and a dialog never offers Cancel or No', () => {
    const dialogs = every().flatMap(({ name, blocks }) => buttonsOf(blocks).flatMap((button) => (button.confirm === undefined ? [] : [{ name, label: button.text.text, confirm: button.confirm }])))
    expect(dialogs.length).toBeGreaterThan(4)
    for (const { name, label, confirm } of dialogs) {
      expect(confirm.title?.text.length ?? 0, name).toBeLessThanOrEqual(100)
      expect(confirm.text.text.length, name).toBeLessThanOrEqual(300)
      expect(confirm.confirm?.text.length ?? 99, name).toBeLessThanOrEqual(30)
      expect(confirm.confirm?.text.split(' ')[0], name).toBe(label.split(' ')[0])
      expect(confirm.deny?.text.length ?? 99, name).toBeLessThanOrEqual(30)
      expect(confirm.deny?.text, name).not.toMatch(/^(Cancel|No)$/)
    }
    for (const { name, view } of modals()) {
      for (const part of [view.title, view.submit, view.close]) expect(part?.text.length ?? 0, name).toBeLessThanOrEqual(24)
      expect(view.close?.text, name).toBe('Close')
      expect(view.blocks.length, name).toBeLessThanOrEqual(100)
      expect(view.private_metadata?.length ?? 0, name).toBeLessThanOrEqual(3000)
      expect(JSON.stringify(view).length, name).toBeLessThanOrEqual(250_000)
      for (const [, text] of strings(view.blocks)) expect(text.length, name).toBeLessThanOrEqual(3000)
    }
  })

  it('5: a final card has nothing to press, nor has one that rolls back', () => {
    for (const [name, view] of views()) {
      if (isFinal(view.status) || view.status === 'rolling_back') expect(elements(promotionCard(view).blocks), name).toEqual([])
      else expect(elements(promotionCard(view).blocks).length, name).toBeGreaterThan(0)
    }
  })

  it('6: an emoji or mark stands before a space and its word, and the twelve of 2.1 differ', () => {
    for (const { name, blocks } of every().filter((message) => isTame(message.name))) {
      for (const [, text] of strings(blocks)) {
        for (const match of text.matchAll(/(?:[✓●○✕]|\p{Extended_Pictographic}\uFE0F?)(.?.?)/gu)) expect(match[1], `${name}: ${text}`).toMatch(/^ \S/)
      }
    }
    const emoji = Object.values(byStatus).map((view) => titleOf(view).split(' ')[0])
    expect(new Set(emoji).size).toBe(12)
  })

  it('7: a bar has ten cells and follows its count', () => {
    let bars = 0
    for (const { name, blocks } of cards()) {
      for (const text of mrkdwnOf(blocks)) {
        for (const line of text.split('\n').filter((part) => /[█░]/.test(part))) {
          bars += 1
          expect(line, name).toMatch(/\d+ of \d+ .*`[█░]{10}`$/)
        }
      }
    }
    expect(bars).toBeGreaterThan(20)
    for (const [name, view] of views()) expect(lastLine(view)?.length ?? 0, name).toBeLessThanOrEqual(500)
  })

  it('8: mentions and dates stand in mrkdwn only, each date with its fallback; nobody else can be notified', () => {
    const wrong: string[] = []
    for (const { name, text, blocks } of every()) {
      const inMrkdwn = new Set(mrkdwnOf(blocks))
      expect(text, name).not.toContain('<')
      for (const [path, value] of strings(blocks)) {
        if (/<!(here|channel|everyone|subteam)|<@U0EVIL>/.test(value)) wrong.push(`${name} ${path}: ${value}`)
        if (!inMrkdwn.has(value) && /<@|<!date/.test(value) && !/^[^<]*<[@!]/.test(value)) wrong.push(`${name} ${path}: ${value}`)
        for (const match of value.matchAll(/<!date\^[^>]*>/g)) expect(match[0], name).toMatch(/^<!date\^\d{10}\^\{[^|]+\|2026-11-\d\d \d\d:\d\d(:\d\d)? UTC>$/)
      }
    }
    expect(wrong).toEqual([])
    for (const [name, view] of views()) {
      const message = notice(view)
      if (message === null) continue
      const allowed = new Set([view.requester, ...view.approvals.votes.map(({ by }) => by), view.ended?.by, view.cause?.by, view.rollbackCause?.by, ...view.otherCauses.map(({ by }) => by)])
      for (const match of JSON.stringify(message.blocks).matchAll(/<@(U0\w+)>/g)) expect(allowed.has(match[1]), `${name}: ${match[1]}`).toBe(true)
    }
  })

  it('9: a cause has the same short words everywhere, and no banned word is said', () => {
    for (const status of ['rolled_back', 'rollback_failed', 'failed'] as const) {
      const view = byStatus[status]
      const cause = status === 'rollback_failed' ? view.rollbackCause : view.cause
      const short = cause === null ? 'missing' : shortOf(cause, names)
      expect(textOf(view)).toContain(short)
      expect(lastLine(view)).toContain(short)
      expect(JSON.stringify(notice(view)?.blocks)).toContain(short)
      // Long lines go on in further ones.
      expect(promotionInfoText(view).replaceAll(/\s+/gu, ' ')).toContain(short)
      if (cause !== null) expect(threadLine({ at: iso('14:05:15'), kind: 'cause', cause }, names)).toContain(short)
    }
    for (const { name, text, blocks } of every().filter(({ name }) => isTame(name) && name !== 'releases')) {
      for (const said of [...(/^(card|notice)/.test(name) ? [text] : []), ...mrkdwnOf(blocks)]) {
        expect(codeless(said), name).not.toMatch(/\b(deploy|deploys|deployed|version|live|abort|aborted|oops|sorry|pods?|something went wrong)\b|!(?!date|\S*\^)/i)
      }
    }
  })

  it('10: equal facts give equal payloads, and block ids are unique and new with each rev', () => {
    for (const [name, view] of views()) {
      expect(promotionCard(structuredClone(view)), name).toEqual(promotionCard(view))
      const ids = promotionCard(view).blocks.map(({ block_id }) => block_id)
      expect(new Set(ids).size, name).toBe(ids.length)
      const next = promotionCard({ ...view, rev: view.rev + 1 }).blocks.map(({ block_id }) => block_id)
      expect(ids.filter((id) => next.includes(id)), name).toEqual([])
    }
  })

  it('10: a modal carries ids only', () => {
    for (const { name, view } of modals()) expect(Object.keys(z.record(z.string(), z.unknown()).parse(JSON.parse(view.private_metadata ?? '{}'))).filter((key) => !['promotion', 'rev', 'app', 'rack', 'release', 'image'].includes(key)), name).toEqual([])
  })

  it('12: every no is one answer with a next step and a ref', () => {
    for (const { name, blocks } of answers().filter((answer) => /^(refusal|usage)/.test(answer.name))) {
      expect(JSON.stringify(blocks.at(-1)), name).toContain('ref 7f3a')
      const first = mrkdwnOf(blocks)[0] ?? ''
      expect(first.includes('\n') || buttonsOf(blocks).length > 0, name).toBe(true)
      if (!name.includes('manifest_invalid')) expect(seen(first).length, `${name}: ${first}`).toBeLessThanOrEqual(200)
    }
  })

  it('lets no half character, control or bidirectional character reach anything that is shown', () => {
    const hidden = /\p{Cs}|(?!\n)\p{Cc}|[\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/u
    const wrong = every().flatMap(({ name, text, blocks }) =>
      [['/text', text] as const, ...strings(blocks)].filter(([, value]) => hidden.test(value)).map(([path, value]) => `${name} ${path}: ${JSON.stringify(value)}`))
    expect(wrong).toEqual([])
  })

  it('says facts before it offers buttons, and ends in the context', () => {
    for (const { name, blocks } of cards()) {
      const types = blocks.map(({ type }) => type)
      expect(types[0], name).toBe('header')
      expect(types.at(-1), name).toBe('context')
      if (types.includes('actions')) expect(types.indexOf('actions'), name).toBe(types.length - 2)
    }
  })

  it('lets nothing from outside be markup', () => {
    for (const { name, blocks } of every()) {
      for (const text of mrkdwnOf(blocks)) {
        const own = text.replace(/<!date\^[^>]*>/g, '').replace(/<@U0\w+>/g, '').replace(/<#C0\w+>/g, '').replace(/<https:\/\/example\.slack\.com[^<>|]*\|[^<>|]*>/g, '')
        expect(own, name).not.toMatch(/[<>]|[\u202A-\u202E]|(?!\n)\p{Cc}/u)
        expect(own.replace(/&(amp|lt|gt);/g, ''), name).not.toContain('&')
        expect((text.replace(/```[\s\S]*?```/g, '').split('`').length - 1) % 2, `${name}: ${text}`).toBe(0)
      }
    }
  })
})

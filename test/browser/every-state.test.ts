import { App, LogLevel, SocketModeReceiver } from '@slack/bolt'
import { WebClient } from '@slack/web-api'
import type { KnownBlock, ModalView } from '@slack/types'
import { mkdirSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryJournal } from '../../sandbox/journal.ts'
import { startSlack, type SimulatedSlack } from '../../sandbox/slack/start.ts'
import { appAnnouncement } from '../../src/bot/messages/app-announcement.ts'
import { announcement } from '../../src/bot/messages/announcement.ts'
import { diffView } from '../../src/bot/messages/diff-view.ts'
import { rejectView } from '../../src/bot/messages/modals.ts'
import { notice } from '../../src/bot/messages/notice.ts'
import { promotionCard } from '../../src/bot/messages/promotion-card.ts'
import type { PromotionView } from '../../src/rack/promotion-view.ts'
import { appTold, phaseProgress, told, waits } from '../bot/messages/support/every-case.ts'
import { diffOf, hugeDiff, smallDiff } from '../bot/messages/support/diffs.ts'
import { byStatus, huge, names, situations } from '../bot/messages/support/views.ts'
import { hasChromium, startChromium } from './chromium.ts'
import { expectWhole, sitDown, type Person } from './person.ts'
import { widths } from './screenshots.ts'

const [botToken, appToken, cards, notices] = ['xoxb-test', 'xapp-test', 'C0CARDS', 'C0NOTICES']
const folder = 'test-results/screenshots/states'

interface Shown { readonly name: string; readonly text: string; readonly blocks: readonly KnownBlock[] }

/** Every state of cards.md, every step of a rollout, what waits, and the same huge. */
const views: readonly (readonly [string, PromotionView])[] = [
  ...Object.entries({ ...byStatus, ...situations }),
  ...Object.entries(phaseProgress).map(([phase, progress]) => [`phase ${phase}`, { ...byStatus.rolling_out, progress }] as const),
  ['waits', { ...byStatus.queued, waits: Object.values(waits) }], ['waits for a freeze', { ...byStatus.queued, queue: null, waits: [waits.freeze] }],
  ...Object.entries(byStatus).map(([status, view]) => [`${status}, huge`, huge(view)] as const),
]

const cardsShown = (): readonly Shown[] => views.map(([name, view]) => ({ name, ...promotionCard(view) }))
const noticesShown = (): readonly Shown[] => [
  ...views.flatMap(([name, view]) => {
    const message = notice(view)
    return message === null ? [] : [{ name, text: message.text, blocks: message.blocks }]
  }),
  { name: 'drift', ...announcement(byStatus.succeeded, told.drift) },
  ...Object.entries(appTold('moving the database')).map(([kind, one]) => ({ name: kind, ...appAnnouncement(one, { app: 'shop', rack: 'prod', severalRacks: false }, names) })),
]

const modalsShown: readonly (readonly [name: string, view: ModalView])[] = [
  ['diff', diffView(diffOf(byStatus.awaiting_approval)).view], ['diff, small', diffView(smallDiff(situations['first request'])).view],
  ['diff, huge', diffView(hugeDiff(huge(byStatus.awaiting_approval), 12)).view], ['reject', rejectView(byStatus.awaiting_approval)],
]

const fileName = (name: string): string => name.replaceAll(/[^a-z]+/gi, '-')

/** Where the parts of each message stand: facts before buttons, each field under the one before it. */
const layout = `[...document.querySelectorAll('[data-testid=message]')].map((message) => {
  const tops = (selector) => [...message.querySelectorAll(selector)].map((node) => node.getBoundingClientRect())
  const last = (selector) => Math.max(-1e9, ...tops(selector).map((box) => box.bottom))
  const fields = tops('.field-cell')
  return {
    ts: message.dataset.ts,
    facts: last('.section-body, .block-header'),
    buttons: Math.min(1e9, ...tops('.block-actions').map((box) => box.top)),
    stacked: fields.every((box, at) => at === 0 || (box.top >= fields[at - 1].bottom - 1 && Math.abs(box.left - fields[at - 1].left) < 2)),
    wider: [...message.querySelectorAll('*')].filter((node) => node.getBoundingClientRect().right > innerWidth + 1 && node.closest('pre') === null).map((node) => node.className),
  }
}).map((one) => ({ ...one, buttons: one.buttons === 1e9 ? null : one.buttons }))`
const layoutSchema = z.array(z.object({ ts: z.string(), facts: z.number(), buttons: z.number().nullable(), stacked: z.boolean(), wider: z.array(z.string()) }))

describe.runIf(hasChromium())('every state on a phone', () => {
  let slack: SimulatedSlack
  let browser: Browser
  let app: App
  const posted = new Map<string, string>()

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    const people = Object.entries(names).map(([id, name]) => ({ id, name, realName: name, role: 'approver' }))
    const members = people.map(({ id }) => id)
    const plenty = { perMinute: 6000, burst: 500 }
    ;[browser, slack] = await Promise.all([startChromium(), startSlack({
      journal: memoryJournal(), team: { id: 'T0STATES', name: 'States', domain: 'states' }, people, botToken, appToken,
      channels: [{ id: cards, name: 'cards', members, bot: true }, { id: notices, name: 'notices', members, bot: true }],
      limits: { posting: plenty, methods: { 'chat.postMessage': plenty } },
    })])
    const client = new WebClient(botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true })
    for (const [channel, all] of [[cards, cardsShown()], [notices, noticesShown()]] as const) {
      for (const { name, text, blocks } of all) posted.set((await client.chat.postMessage({ channel, text, blocks: [...blocks] })).ts ?? '', name)
    }
    const receiver = new SocketModeReceiver({ appToken, logLevel: LogLevel.ERROR, installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } } })
    app = new App({ token: botToken, receiver, clientOptions: { slackApiUrl: slack.apiUrl }, logLevel: LogLevel.ERROR, deferInitialization: true })
    app.command('/convox', async ({ ack, command, client: interactive }) => {
      await ack()
      const [, view] = modalsShown.find(([name]) => name === command.text) ?? []
      if (view !== undefined) await interactive.views.open({ trigger_id: command.trigger_id, view })
    })
    await app.init()
    await app.start()
  })
  afterAll(async () => {
    await app?.stop()
    await browser?.close()
    await slack?.close()
  })

  const phone = async (): Promise<Person> => {
    const person = await sitDown(await browser.newContext({ viewport: widths.phone, hasTouch: true }), slack.pageUrl)
    await person.as('U0BO')
    return person
  }

  const goTo = async ({ page, seated }: Person, channel: string): Promise<void> => {
    const menu = page.getByTestId('menu')
    if (await menu.isVisible()) await menu.click()
    await page.getByTestId(`channel-${channel}`).click()
    await seated()
  }

  it.each([['cards', cards], ['notices', notices]])('shows %s without sideways scrolling, labels whole, facts before buttons, fields in their order', async (kind, channel) => {
    const person = await phone()
    const { page } = person
    await goTo(person, channel)
    await expectWhole(page)
    const messages = page.getByTestId('messages').getByTestId('message')
    const seen = layoutSchema.parse(await page.evaluate(layout))
    const ours = seen.filter(({ ts }) => posted.has(ts))
    expect(ours).toHaveLength(channel === cards ? cardsShown().length : noticesShown().length)
    for (const { ts, facts, buttons, stacked, wider } of ours) {
      const name = posted.get(ts) ?? ts
      expect(wider, name).toEqual([])
      expect(stacked, name).toBe(true)
      if (buttons !== null && kind === 'cards') expect(buttons, name).toBeGreaterThanOrEqual(facts)
    }
    // A message taller than the phone's screen is to be seen whole.
    await page.setViewportSize({ width: widths.phone.width, height: 1800 })
    for (const { ts } of ours) await messages.and(page.locator(`[data-ts="${ts}"]`)).screenshot({ path: `${folder}/${kind}-${fileName(posted.get(ts) ?? ts)}.png`, style: '.to-end { display: none }' })
    expect(person.errors).toEqual([])
    await page.context().close()
  })

  it.each(['phone', 'desktop'] as const)('shows what a promotion would change in a modal that scrolls downwards only: %s', async (width) => {
    const person = await phone()
    const { page } = person
    await goTo(person, cards)
    await page.setViewportSize(widths[width])
    for (const [name] of modalsShown) {
      await person.type(`/convox ${name}`)
      const modal = page.getByTestId('modal')
      await modal.waitFor()
      await expectWhole(page)
      await page.screenshot({ path: `${folder}/modal-${fileName(name)}-${width}.png` })
      await modal.locator('.dialog-body').evaluate((body) => body.scrollTo(0, body.scrollHeight))
      await page.screenshot({ path: `${folder}/modal-${fileName(name)}-${width}-end.png` })
      await modal.getByRole('button', { name: 'Close' }).last().click()
      await modal.waitFor({ state: 'detached' })
    }
    expect(person.errors).toEqual([])
    await page.context().close()
  })
})

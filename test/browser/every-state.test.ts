import { App, LogLevel, SocketModeReceiver } from '@slack/bolt'
import { WebClient } from '@slack/web-api'
import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryJournal } from '../../sandbox/journal.ts'
import { startSlack, type SimulatedSlack } from '../../sandbox/slack/start.ts'
import { names } from '../bot/messages/support/views.ts'
import { hasChromium, startChromium } from './chromium.ts'
import { expectWhole, sitDown, type Person } from './person.ts'
import { expectFits, layoutOf } from './phone-layout.ts'
import { widths } from './screenshots.ts'
import { kindNames, kinds, modalKinds, modalsShown, shownModalKinds, type Kind } from './shown-states.ts'

const [botToken, appToken] = ['xoxb-test', 'xapp-test']
const folder = 'test-results/screenshots/states'
const channelOf = (kind: Kind): string => `C0${kind.toUpperCase()}`

/** The narrowest phone that is still sold. CSS pixels. */
const narrowest = { width: 360, height: 844 }
const tall = { width: widths.phone.width, height: 1800 }
const message = '[data-testid=messages] [data-testid=message]'

const fileName = (name: string): string => name.replaceAll(/[^a-z]+/gi, '-')

/** All of a channel in as few pictures as show every message whole or nearly so. */
const sheets = async (page: Page, kind: string): Promise<void> => {
  const list = page.getByTestId('messages')
  const height = await list.evaluate((node) => node.scrollHeight)
  const step = (await list.evaluate((node) => node.clientHeight)) - 100
  for (let [at, top] = [1, 0]; top < height - 100; [at, top] = [at + 1, top + step]) {
    await list.evaluate((node, to) => node.scrollTo(0, to), top)
    await page.screenshot({ path: `${folder}/${kind}-${String(at).padStart(2, '0')}.png`, style: '.to-end { display: none }' })
  }
}

describe.runIf(hasChromium())('every state on a phone', () => {
  let slack: SimulatedSlack
  let browser: Browser
  let app: App
  const posted = new Map<string, string>()

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    const people = Object.entries(names).map(([id, name]) => ({ id, name, realName: name, role: 'approver' }))
    const members = people.map(({ id }) => id)
    const plenty = { perMinute: 60_000, burst: 5000 }
    ;[browser, slack] = await Promise.all([startChromium(), startSlack({
      journal: memoryJournal(), team: { id: 'T0STATES', name: 'States', domain: 'states' }, people, botToken, appToken,
      channels: kindNames.map((kind) => ({ id: channelOf(kind), name: kind, members, bot: true })),
      limits: { posting: plenty, methods: { 'chat.postMessage': plenty } },
    })])
    const client = new WebClient(botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true })
    for (const kind of kindNames) {
      for (const { name, text, blocks } of kinds[kind].shown()) {
        const { ts = '' } = await client.chat.postMessage({ channel: channelOf(kind), text, blocks: [...blocks] })
        posted.set(ts, name)
      }
    }
    const receiver = new SocketModeReceiver({ appToken, logLevel: LogLevel.ERROR, installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } } })
    app = new App({ token: botToken, receiver, clientOptions: { slackApiUrl: slack.apiUrl }, logLevel: LogLevel.ERROR, deferInitialization: true })
    app.command('/convox', async ({ ack, command, client: interactive }) => {
      await ack()
      const [, view] = modalsShown().find(([name]) => name === command.text) ?? []
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

  it.each(kindNames)('shows %s within the screen: labels whole, facts before buttons, fields in their order, rows of code on one line', async (kind) => {
    const person = await phone()
    const { page } = person
    await goTo(person, channelOf(kind))
    const shown = kinds[kind].shown()
    for (const size of [narrowest, widths.phone]) {
      await page.setViewportSize(size)
      await expectWhole(page)
      const ours = (await layoutOf(page, message)).filter(({ ts }) => posted.has(ts))
      expect(ours).toHaveLength(shown.length)
      for (const seen of ours) {
        const name = `${posted.get(seen.ts)}, ${size.width} px`
        expectFits(seen, name)
        if (kind === 'cards') expect(seen.buttons, name).toBeGreaterThanOrEqual(seen.facts)
      }
    }
    if (kind === 'left') {
      expect(await page.locator(message).filter({ hasText: /Goes on in (a newer message|a direct message to @ana|#C0OTHER)/ }).count()).toBe(shown.length)
      expect(await page.locator(`${message} .blocks .button`).count()).toBe(0)
    }
    // A message taller than the phone's screen is to be seen whole.
    await page.setViewportSize(tall)
    if (kinds[kind].sheet) await sheets(page, kind)
    else {
      const messages = page.getByTestId('messages').getByTestId('message')
      for (const { ts } of (await layoutOf(page, message)).filter((one) => posted.has(one.ts))) {
        const path = `${folder}/${kind}-${fileName(posted.get(ts) ?? ts)}.png`
        await messages.and(page.locator(`[data-ts="${ts}"]`)).screenshot({ path, style: '.to-end { display: none }' })
      }
    }
    expect(person.errors).toEqual([])
    await page.context().close()
  })

  it('knows a modal of every kind that the bot has', () => {
    expect(modalKinds().filter((kind) => !shownModalKinds.includes(kind))).toEqual([])
  })

  it.each(['phone', 'desktop'] as const)('shows each modal whole, scrolling downwards only: %s', async (width) => {
    const person = await phone()
    const { page } = person
    await goTo(person, channelOf('cards'))
    await page.setViewportSize(widths[width])
    for (const [name] of modalsShown()) {
      await person.type(`/convox ${name}`)
      const modal = page.getByTestId('modal')
      await modal.waitFor()
      await expectWhole(page)
      const [seen] = await layoutOf(page, '[data-testid=modal]')
      if (seen === undefined) throw new Error('no modal')
      expectFits(seen, name)
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

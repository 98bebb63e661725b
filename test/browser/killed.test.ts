import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSandbox, threeFreePorts } from '../support/sandbox-process.ts'
import { hasChromium, startChromium } from './chromium.ts'
import { awaitHeader, buttonsOf, follow, sitDown, textOf } from './person.ts'
import { shoot, widths } from './screenshots.ts'

describe.runIf(hasChromium())('kill -9 of everything in the middle of a rollout', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-killed-'))
  let args: string[]
  let sandbox: Awaited<ReturnType<typeof openSandbox>>
  let browser: Browser

  beforeAll(async () => {
    args = ['--port', String(await threeFreePorts()), '--dir', join(directory, 'sandbox'), '--speed', '2']
    ;[browser, sandbox] = await Promise.all([startChromium(), openSandbox(args)])
  })
  afterAll(async () => {
    await browser?.close()
    sandbox?.signal('SIGKILL')
    await sandbox?.ended
    rmSync(directory, { recursive: true, force: true })
  })

  it('leaves one card, one thread and one notice: the page comes back by itself, the rollout goes on', async () => {
    const person = await sitDown(await browser.newContext({ viewport: widths.desktop }), sandbox.url)
    const { page } = person
    await person.as('U0ANA')
    const [example = ''] = (await page.getByTestId('guide').innerText()).match(/\/convox deploy \S+/) ?? []
    await person.type(example.replace('shop:1.4.2', 'shop:crash'))
    const card = await follow(person, /Waiting for approval: shop R/)
    const [release = ''] = (await textOf(card)).match(/R[A-Z]{10}/) ?? []
    const cards = await page.getByTestId('messages').locator('[data-kind=message]').count()
    await person.as('U0BO')
    await card.locator('.button', { hasText: 'Approve' }).click()
    await awaitHeader(card, `🚀 Rolling out: shop ${release}`)
    sandbox.signal('SIGKILL')
    await sandbox.ended
    await page.getByText('The sandbox does not answer. Trying again …').waitFor()
    await shoot(page, 'killed', 'desktop')
    sandbox = await openSandbox(args)
    await page.getByText('The sandbox does not answer. Trying again …').waitFor({ state: 'detached' })
    await awaitHeader(card, '↩️ Rolled back: shop to')
    expect(await buttonsOf(card)).toEqual([])
    await person.message('replied to a thread')
    await card.getByTestId('replies').click()
    const panel = page.getByTestId('thread-panel')
    await panel.locator('pre', { hasText: `ERROR: rolled back to` }).waitFor()
    const lines = (await panel.locator('pre').allInnerTexts()).join('\n')
    expect(lines.match(/^Promoting /gm)).toHaveLength(1)
    expect(lines.match(/Status: Running => Pending/g)).toHaveLength(1)
    expect(lines.match(/Status: Rollback => Reverted/g)).toHaveLength(1)
    expect(lines.match(/^ERROR: /gm)).toHaveLength(1)
    await panel.getByTestId('close-thread').click()
    // The card, and its one notice.
    expect(await page.getByTestId('messages').locator('[data-kind=message]').count()).toBe(cards + 1)
    expect(await page.getByText('replied to a thread').count()).toBe(1)
    // What the browser itself says of a server that is gone.
    expect(person.errors.filter((error) => !error.includes('net::ERR_'))).toEqual([])
    await shoot(page, 'resumed', 'desktop')
  })
})

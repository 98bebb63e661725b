import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSandbox, threeFreePorts } from '../support/sandbox-process.ts'
import { hasChromium, startChromium } from './chromium.ts'
import { awaitHeader, buttonsOf, expectWhole, follow, sitDown, textOf, type Person } from './person.ts'
import { shoot, widths, type Width } from './screenshots.ts'

const [ana, bo, cy] = ['U0ANA', 'U0BO', 'U0CY']

/** The thread of a card, as text; the panel is closed again. */
const readThread = async ({ page }: Person, card: Locator, like: RegExp, shot?: () => Promise<void>): Promise<string> => {
  await card.getByTestId('replies').click()
  const panel = page.getByTestId('thread-panel')
  await panel.getByTestId('message').filter({ hasText: like }).last().waitFor({ timeout: 15_000 })
  const lines = (await panel.locator('pre').allInnerTexts()).join('\n').replaceAll(/\n+/g, '\n')
  await shot?.()
  await panel.getByTestId('close-thread').click()
  return lines
}

/** Presses a card's button and, where it asks first, confirms in these words. */
const press = async ({ page }: Person, message: Locator, label: string, confirm?: string): Promise<void> => {
  await message.locator('.button', { hasText: new RegExp(`^${label}$`) }).click()
  if (confirm !== undefined) await page.getByTestId('dialog').getByTestId('dialog-confirm').filter({ hasText: confirm }).click()
}

const releaseIn = (text: string): string => {
  const release = /(?:Promoting |OK, )(R[A-Z]{10})/.exec(text)?.[1]
  if (release === undefined) throw new Error(`no release in: ${text}`)
  return release
}

/** Types a command and reads the answer that only its typist sees. */
const ask = async (person: Person, text: string, like: RegExp): Promise<Locator> => {
  await person.answered(() => person.type(text))
  return person.message(like)
}

describe.runIf(hasChromium())('the first run in a browser', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-browser-'))
  let sandbox: Awaited<ReturnType<typeof openSandbox>>
  let browser: Browser
  const open = async (width: Width): Promise<Person> => sitDown(await browser.newContext({ viewport: widths[width], ...(width === 'phone' ? { hasTouch: true } : {}) }), sandbox.url)

  beforeAll(async () => {
    const port = await threeFreePorts()
    ;[browser, sandbox] = await Promise.all([startChromium(), openSandbox(['--port', String(port), '--dir', join(directory, 'sandbox'), '--speed', '3'])])
    const person = await open('desktop')
    await person.as(bo)
    await ask(person, '/convox apps params set stability=3s -a shop', /stability/)
    await person.page.context().close()
  })
  afterAll(async () => {
    await browser?.close()
    sandbox?.signal('SIGINT')
    await sandbox?.ended
    rmSync(directory, { recursive: true, force: true })
  })

  it.each(['desktop', 'phone'] as const)('is lived by its guide, from a request to a release that comes back: %s', async (width) => {
    const person = await open(width)
    const { page } = person
    const guide = page.getByTestId('guide')
    const snap = (name: string) => shoot(page, name, width)
    await person.as(ana)
    // Whoever sat here before has come some way.
    while (await page.getByTestId('guide-restart').isHidden() && !(await guide.getByText('0 of 5 done').isVisible())) await guide.getByText('Skip').click()
    if (await page.getByTestId('guide-restart').isVisible()) await page.getByTestId('guide-restart').click()
    await guide.getByText('0 of 5 done').waitFor()
    await snap('guide')

    await page.getByTestId('guide-do-deploy').click()
    expect(await page.getByTestId('composer').inputValue()).toMatch(/^\/convox deploy 127\.0\.0\.1:\d+\/shop:1\.4\.2$/)
    await person.answered(() => page.getByTestId('send').click())
    const answer = await textOf(await person.message('The card is in'))
    const good = releaseIn(answer)
    expect(answer).toMatch(/Deploying shop\nCreating build\.\.\. OK, B[A-Z]{10}\nCreating release\.\.\. OK, R[A-Z]{10}\nPromoting R[A-Z]{10}\.\.\. waiting for approval \(0 of 1\)/)
    const card = await follow(person, `Waiting for approval: shop ${good}`)
    await awaitHeader(card, `⏳ Waiting for approval: shop ${good}`)
    const waiting = await textOf(card)
    expect(waiting).toMatch(/Requested by @ana, today \d\d:\d\d/)
    expect(waiting).toMatch(/Approvals 0 of 1: by somebody else than @ana/)
    expect(waiting).toMatch(/Expires (today|tomorrow) \d\d:\d\d/)
    expect(waiting).toContain('Deadline 10 min, then it rolls back by itself')
    expect(waiting).toMatch(/env: no change/)
    expect(waiting).toMatch(/If it fails: back to R[A-Z]{10} · Last promotion: \w+/)
    expect(await buttonsOf(card)).toEqual(['Approve', 'Reject', 'Show diff'])
    await guide.getByText('1 of 5 done').waitFor()
    await snap('waiting')

    await press(person, card, 'Approve')
    expect(await textOf(await person.message('You asked for this, so somebody else has to approve it.'))).toContain('Who may: any approver but you.')

    await page.getByTestId('guide-do-approve').click()
    await press(person, card, 'Show diff')
    await page.getByTestId('modal').getByText('Manifest by service').waitFor()
    expect(await page.getByTestId('modal').locator('h2').innerText()).toContain('What would change')
    await snap('show-diff')
    await page.getByTestId('modal').getByRole('button', { name: 'Close' }).last().click()
    await press(person, card, 'Approve')
    await awaitHeader(card, `🚀 Rolling out: shop ${good}`)
    await card.getByText(/of 2 ready/).first().waitFor()
    expect(await buttonsOf(card)).toEqual(['Cancel and roll back', 'Show diff'])
    expect(await textOf(card)).toMatch(/Approved by @bo, today \d\d:\d\d/)
    await snap('rolling-out')
    await awaitHeader(card, `✅ Succeeded: shop runs ${good}`)
    expect(await buttonsOf(card)).toEqual([])
    expect(await textOf(card)).toMatch(/✓ web 2 of 2 ready[^]*✓ worker 1 of 1 ready[^]*\d+ s · Go back: \/convox releases rollback R[A-Z]{10} -a shop/)
    await guide.getByText('2 of 5 done').waitFor()
    await snap('succeeded')
    const lines = await readThread(person, card, /OK\s*$/, () => snap('thread'))
    expect(lines).toMatch(new RegExp(`^Promoting ${good}\\.\\.\\.( waiting for approval \\(0 of 1\\))?\n`))
    expect(lines).toMatch(
      /Status: Running => Pending\n[^]*system\/k8s\/web-\w+ Created pod: web-\w+-\w+\n[^]*Status: Updating => Running\nOK\s*$/,
    )
    expect(lines.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ system\/(k8s|convox)\/\S+ .+$/gm)?.length).toBeGreaterThan(10)
    expect(lines).toContain('approved by @bo (1 of 1)')

    await page.getByTestId('guide-do-crash').click()
    await person.answered(() => page.getByTestId('send').click())
    const bad = releaseIn(await textOf(await person.message('The card is in')))
    const second = await follow(person, `Waiting for approval: shop ${bad}`)
    await guide.getByText('3 of 5 done').waitFor()
    await page.getByTestId('guide-do-come-back').click()
    await press(person, second, 'Approve')
    await awaitHeader(second, `⏪ Rolling back: shop to ${good}`)
    await snap('rolling-back')
    await awaitHeader(second, `↩️ Rolled back: shop to ${good}`)
    expect(await buttonsOf(second)).toEqual([])
    expect(await textOf(second)).toMatch(/Why (web|worker) exits right after it starts: exit 1[^]*failed after .+, back .+ later/)
    const notice = await person.message(new RegExp(`replied to a thread: Rolled back: shop runs ${good} again`))
    const told = await textOf(notice)
    expect(told).toContain(`Rolled back: shop runs ${good} again. For @ana (asked) and @bo (approved).`)
    expect(told).toMatch(/Why (web|worker) exits right after it starts: exit 1, \d restarts?, on \d of \d new processes\. Process (web|worker)-\w+-\w+: (CrashLoopBackOff|Error)\./)
    expect(told).toMatch(new RegExp(`Running now ${good}: web 2 of 2, worker 1 of 1 ready, verified \\d\\d:\\d\\d:\\d\\d`))
    expect(told).toContain('What to do Read the last lines below: often a missing env key or something it cannot reach.')
    expect(told).toContain('Error: DATABASE_URL is not set')
    expect(told).toMatch(new RegExp(`ERROR: rolled back to ${good}: (web|worker) crashed at start \\(exit 1\\)`))
    expect(await buttonsOf(notice)).toEqual(['Request again'])
    await guide.getByText('4 of 5 done').waitFor()
    await snap('notice')
    await second.scrollIntoViewIfNeeded()
    await snap('rolled-back')
    expect(await readThread(person, second, /Request again|ERROR/)).toMatch(
      /Status: Updating => Error\n[^]*Status: Error => Rollback\n[^]*Status: Rollback => Reverted\n[^]*ERROR: rolled back to R[A-Z]{10}: (web|worker) crashed at start \(exit 1\)\s*$/,
    )

    await page.getByTestId('guide-do-look').click()
    await page.getByTestId('send').click()
    const list = await person.message(new RegExp(`Releases of shop.*${bad}`))
    expect(await textOf(list)).toMatch(new RegExp(`${bad} failed · B[A-Z]{10} · [^]*${good} active · B[A-Z]{10} · `))
    await guide.getByText('Now try whatever you like').waitFor()
    await page.getByTestId('guide-all').click()
    expect(await guide.locator('[data-done=true]').count()).toBe(5)
    await page.getByTestId('guide-tags').click()
    await guide.getByText('/shop:crash').waitFor()
    await snap('releases')
    expect(person.errors).toEqual([])
    await page.context().close()
  })

  it('lets people change their mind: a list, a reason, a cancelled request, a cancelled rollout', async () => {
    const person = await open('desktop')
    const { page } = person
    const both = async (name: string): Promise<void> => {
      await shoot(page, name, 'desktop')
      await page.setViewportSize(widths.phone)
      await shoot(page, name, 'phone')
      await page.setViewportSize(widths.desktop)
    }
    await person.as(ana)
    const list = await ask(person, '/convox releases', /Releases of shop/)
    expect(new Set(await buttonsOf(list))).toEqual(new Set(['Promote']))
    const row = list.locator('.block-section', { hasText: 'this is my commit message' })
    const [release = ''] = (await row.innerText()).match(/R[A-Z]{10}/) ?? []
    await press(person, row, 'Promote')
    const older = await person.message('is older than the active')
    await press(person, older, 'Promote anyway')
    const rejected = await follow(person, `Waiting for approval: shop ${release}`)
    await person.as(bo)
    await press(person, rejected, 'Reject')
    const modal = page.getByTestId('modal')
    await modal.getByText('Reject promotion').waitFor()
    await modal.getByLabel('Reason').fill('wait for the migration')
    await both('reject-modal')
    await modal.getByTestId('modal-submit').click()
    await awaitHeader(rejected, `🚫 Rejected: shop ${release}`)
    expect(await textOf(rejected)).toMatch(/Rejected by @bo, today \d\d:\d\d: "wait for the migration"[^]*stays active · Again: \/convox releases promote R[A-Z]{10} -a shop/)
    expect(await buttonsOf(rejected)).toEqual([])
    await both('rejected')

    await person.as(ana)
    await ask(person, `/convox releases promote ${release}`, /is older than the active/)
    await press(person, await person.message('is older than the active'), 'Promote anyway')
    const cancelled = await follow(person, `Waiting for approval: shop ${release}`)
    await cancelled.getByRole('button', { name: 'More actions' }).click()
    await both('more-menu')
    await cancelled.getByRole('button', { name: 'More actions' }).click({ trial: true })
    await page.getByRole('menuitem', { name: 'Cancel request' }).click()
    await awaitHeader(cancelled, `⏹️ Cancelled: shop ${release}`)
    expect(await textOf(cancelled)).toMatch(/Cancelled by @ana, today \d\d:\d\d/)
    expect(await buttonsOf(cancelled)).toEqual([])
    await both('cancelled')

    await person.type('/convox env edit -a shop')
    await modal.getByText('Edit environment').waitFor()
    await modal.getByText('MAIL_TOKEN').first().waitFor()
    expect(await modal.innerText()).not.toContain('s3cret')
    await modal.locator('textarea').first().fill('GREETING=hello there')
    await both('env-modal')
    await modal.getByTestId('modal-submit').click()
    await modal.waitFor({ state: 'detached' })
    const changed = await follow(person, /Waiting for approval: shop R/)
    expect(await textOf(changed)).toContain('env: added GREETING')
    expect(await page.locator('body').innerText()).not.toContain('hello there')
    await person.as(bo)
    await press(person, changed, 'Approve')
    await awaitHeader(changed, '🚀 Rolling out: shop')
    await changed.locator('.button', { hasText: 'Cancel and roll back' }).click()
    const dialog = page.getByTestId('dialog')
    expect(await textOf(dialog)).toMatch(/Cancel and roll back\?[^]*shop stops rolling out R[A-Z]{10} and goes back to R[A-Z]{10}\. What a release command did stays\.[^]*Keep rolling out/)
    await both('cancel-dialog')
    await dialog.getByTestId('dialog-confirm').click()
    await awaitHeader(changed, '↩️ Rolled back: shop to')
    expect(await textOf(changed)).toMatch(/@bo cancelled it at \d\d:\d\d:\d\d\./)
    expect(await buttonsOf(changed)).toEqual([])
    await both('rolled-back-by-cancel')
    expect(await readThread(person, changed, /ERROR: cancelled/)).toMatch(/ERROR: cancelled by @bo; R[A-Z]{10} is running/)
    expect(person.errors).toEqual([])
    await page.context().close()
  })

  it('answers slips of the pen with buttons that run, and a viewer with who may', async () => {
    const person = await open('phone')
    const { page } = person
    await person.as(ana)
    const typo = await ask(person, '/convox relases', /Unknown command: relases\. Did you mean/)
    await shoot(page, 'did-you-mean', 'phone')
    const [label = ''] = await buttonsOf(typo)
    expect(label).toContain('releases')
    const lists = await page.getByTestId('message').filter({ hasText: 'Releases of shop' }).count()
    await typo.locator('.button').first().click()
    await page.getByTestId('message').filter({ hasText: 'Releases of shop' }).nth(lists).waitFor({ timeout: 15_000 })
    await person.as(cy)
    const refused = await ask(person, '/convox releases promote', /You are a viewer here; promoting needs a deployer\./)
    expect(await textOf(refused)).toMatch(/Ask an admin: @bo\./)
    await shoot(page, 'viewer-refused', 'phone')
    for (const command of ['help', 'releases --text', 'ps', 'promotions', 'apps params', 'env', 'builds']) {
      await person.answered(() => person.type(`/convox ${command}`))
      await expectWhole(page)
      await shoot(page, `answer-${command.replaceAll(/\W+/g, '-')}`, 'phone')
    }
    expect(person.errors).toEqual([])
    await page.context().close()
  })

  it('shows nobody what only somebody else may see, however late their own view arrives', async () => {
    const person = await open('phone')
    const { page } = person
    await person.as(ana)
    await ask(person, '/convox apps params', /stability/)
    await person.as(cy)
    await ask(person, '/convox builds', /Builds|BUILD|builds/)
    let go: () => void = () => undefined
    const held = new Promise<void>((resolve) => (go = resolve))
    await page.route(`**/events?as=${ana}`, async (route) => {
      await held
      await route.continue()
    })
    await page.getByTestId('menu').click()
    await page.getByTestId(`person-${ana}`).click()
    expect(await page.locator('[data-kind=ephemeral]').count()).toBe(0)
    expect(await page.getByTestId('messages').getAttribute('aria-busy')).toBe('true')
    const answer = person.answered(() => person.type('/convox apps params'))
    go()
    await answer
    expect(await page.locator('[data-kind=ephemeral]').filter({ hasText: 'stability' }).count()).toBe(2)
    await page.context().close()
  })
})

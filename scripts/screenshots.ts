import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChromium } from '../test/browser/chromium.ts'
import { awaitHeader, follow, sitDown } from '../test/browser/person.ts'
import { openSandbox, threeFreePorts } from '../test/support/sandbox-process.ts'

/** Makes docs/card.png again: the card of a release that rolls out, as the sandbox's page shows it. Needs a Chromium. */
const main = async (): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-screenshots-'))
  const port = await threeFreePorts()
  const [browser, sandbox] = await Promise.all([startChromium(), openSandbox(['--port', String(port), '--dir', join(directory, 'sandbox')])])
  try {
    const person = await sitDown(await browser.newContext({ viewport: { width: 968, height: 900 }, deviceScaleFactor: 2 }), sandbox.url)
    const { page } = person
    await page.getByTestId('guide-toggle').click()
    await person.as('U0ANA')
    await person.type(`/convox deploy 127.0.0.1:${port + 1}/shop:1.4.2 -a shop --git-sha 0a1b2c3d4e5f --message "my commit message"`)
    const card = await follow(person, /Waiting for approval: shop R/)
    await person.message('The card is in')
    for (const dismiss of await page.getByTestId('dismiss').all()) await dismiss.click()
    await person.as('U0BO')
    await card.locator('.button', { hasText: 'Approve' }).click()
    await awaitHeader(card, '🚀 Rolling out: shop')
    await card.getByText('stable until').waitFor()
    await card.getByTestId('replies').waitFor()
    await page.mouse.move(5, 5)
    mkdirSync('docs', { recursive: true })
    await card.screenshot({ path: 'docs/card.png' })
    process.stdout.write('docs/card.png\n')
  } finally {
    await browser.close()
    sandbox.signal('SIGINT')
    await sandbox.ended
    rmSync(directory, { recursive: true, force: true })
  }
}

await main()

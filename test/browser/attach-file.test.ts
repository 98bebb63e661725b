import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSandbox, threeFreePorts } from '../support/sandbox-process.ts'
import { hasChromium, startChromium } from './chromium.ts'
import { expectWhole, sitDown, textOf } from './person.ts'
import { shoot, widths } from './screenshots.ts'

const ana = 'U0ANA'
const file = (name: string, text: string) => ({ name, mimeType: 'text/yaml', buffer: Buffer.from(text) })
const manifest = 'services:\n  web:\n    build: .\n    command: bin/web\n    port: 5000\n'

describe.runIf(hasChromium())('a convox.yml that is attached in a browser', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-attach-'))
  let sandbox: Awaited<ReturnType<typeof openSandbox>>
  let browser: Browser
  let image: string

  beforeAll(async () => {
    const port = await threeFreePorts()
    image = `127.0.0.1:${port + 1}/shop:1.4.2`
    ;[browser, sandbox] = await Promise.all([startChromium(), openSandbox(['--port', String(port), '--dir', join(directory, 'sandbox'), '--speed', '3'])])
  })
  afterAll(async () => {
    await browser?.close()
    sandbox?.signal('SIGINT')
    await sandbox?.ended
    rmSync(directory, { recursive: true, force: true })
  })

  it.each(['desktop', 'phone'] as const)('goes with a mention, by keys alone, and can be taken away before: %s', async (width) => {
    const person = await sitDown(await browser.newContext({ viewport: widths[width] }), sandbox.url)
    const { page } = person
    await person.as(ana)
    // Without a listener that stays, choosers are caught only from some time after they are waited for.
    page.on('filechooser', () => undefined)
    const [button, composer, attached] = [page.getByRole('button', { name: 'Attach a file' }), page.getByTestId('composer'), page.getByTestId('attached')]
    const choose = async (...files: readonly ReturnType<typeof file>[]): Promise<void> => {
      await composer.focus()
      await page.keyboard.press('Shift+Tab')
      expect(await button.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true)
      const chooser = page.waitForEvent('filechooser')
      await page.keyboard.press('Enter')
      await (await chooser).setFiles([...files])
    }

    await choose(file('convox.yml', manifest), file('notes.txt', 'not this one'))
    expect((await textOf(attached)).replaceAll('\n', ' ')).toMatch(/convox\.yml \d+ bytes notes\.txt 12 bytes/)
    await page.getByRole('button', { name: 'Remove notes.txt' }).press('Enter')
    expect(await textOf(attached)).not.toContain('notes.txt')
    await expectWhole(page)
    await shoot(page, 'attached', width)

    await composer.fill(`/convox builds import-image ${image} -a shop`)
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'A slash command takes no file. Write @convox in place of /convox, and the same words.' }).waitFor()
    await composer.fill(`@convox builds import-image ${image} -a shop`)
    await person.answered(() => page.keyboard.press('Enter'))
    expect(await textOf(await person.message(/Build: B[A-Z]{10}/))).toMatch(/Release: R[A-Z]{10}/)
    expect(await textOf(await person.message(`builds import-image ${image}`))).toContain('convox.yml')
    expect(await attached.count()).toBe(0)

    // What was imported is the file, not the manifest of the build before.
    await person.answered(() => person.type('/convox releases'))
    const [release = ''] = /R[A-Z]{10}/.exec(await textOf(await person.message('Releases of shop'))) ?? []
    await person.answered(() => person.type(`/convox releases manifest ${release}`))
    expect((await textOf(await person.message('bin/web'))).replaceAll(/\s+/g, ' ')).toContain(manifest.replaceAll(/\s+/g, ' ').trim())

    await choose(file('large.log', 'x'.repeat(10_000_001)))
    await page.getByRole('alert').filter({ hasText: 'large.log has 9.5 MB. A file may have at most 10 MB here.' }).waitFor()
    expect(await attached.count()).toBe(0)
    expect(person.errors).toEqual([])
    await page.context().close()
  })
})

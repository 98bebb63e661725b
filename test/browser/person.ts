import type { BrowserContext, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { z } from 'zod'

/** Somebody at the page. */
export interface Person {
  readonly page: Page
  /** Acts as that person from now on. */
  as(id: string): Promise<void>
  /** Types into the composer and sends it. */
  type(text: string): Promise<void>
  /** Waits until the page shows what the person acted as sees. */
  seated(): Promise<void>
  /** Does that and waits for an answer that only this person sees. */
  answered(doing: () => Promise<void>): Promise<void>
  /** The newest message whose text holds this. Waits for it. */
  message(like: string | RegExp, within?: number): Promise<Locator>
  /** What was written to the console as an error, and what was thrown. */
  readonly errors: readonly string[]
}

/** Opens the page at the sandbox's address and waits for its messages. */
export const sitDown = async (context: BrowserContext, url: string): Promise<Person> => {
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())))
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? ''
    // Acting as somebody else leaves one stream for another.
    if (why !== 'net::ERR_ABORTED') errors.push(`${request.url()} ${why}`)
  })
  page.on('pageerror', (error) => void errors.push(String(error)))
  page.setDefaultTimeout(20_000)
  await page.goto(url)
  await page.getByTestId('messages').waitFor().catch(async (cause: unknown) => {
    throw new Error(`the page did not open: "${await page.locator('body').innerText()}", ${JSON.stringify(errors)}`, { cause })
  })
  const seated = () => page.locator('[data-testid=messages][aria-busy=false]').waitFor()
  return {
    page, errors, seated,
    as: async (id) => {
      const menu = page.getByTestId('menu')
      if (await menu.isVisible()) await menu.click()
      await page.getByTestId(`person-${id}`).click()
      await page.locator(`[data-testid=person-${id}][aria-checked=true]`).waitFor({ state: 'attached' })
      await seated()
    },
    answered: async (doing) => {
      // Counted while the page still shows somebody else's answers, an old one of this person's would pass for the new one.
      await seated()
      const answers = page.locator('[data-kind=ephemeral]')
      const before = await answers.count()
      await doing()
      await answers.nth(before).waitFor({ timeout: 15_000 })
    },
    type: async (text) => {
      await page.getByTestId('composer').fill(text)
      await page.getByTestId('send').click()
    },
    message: async (like, within = 15_000) => {
      const found = page.getByTestId('messages').getByTestId('message').filter({ hasText: like }).last()
      await found.waitFor({ timeout: within })
      return found
    },
  }
}

const cardOf = (person: Person, header: string | RegExp): Locator =>
  person.page.getByTestId('messages').getByTestId('message').filter({ has: person.page.locator('.block-header', { hasText: header }) }).last()

/** What somebody reads there: spaces and line ends as one of each. */
export const textOf = async (where: Locator): Promise<string> => (await where.innerText()).replaceAll(/[^\S\n]+/g, ' ').replaceAll(/ ?\n[\n ]*/g, '\n').trim()

/** The message whose header is this now, whatever it says later. */
export const follow = async (person: Person, header: string | RegExp): Promise<Locator> => {
  const now = cardOf(person, header)
  await now.waitFor({ timeout: 20_000 })
  return person.page.getByTestId('messages').locator(`[data-ts="${await now.getAttribute('data-ts')}"]`)
}

/** Waits until that card's header is this. */
export const awaitHeader = async (card: Locator, header: string | RegExp, within = 60_000): Promise<void> => {
  await card.locator('.block-header', { hasText: header }).waitFor({ timeout: within })
}

/** Button labels of a message, in order; menus without words are left out. */
export const buttonsOf = async (message: Locator): Promise<string[]> =>
  (await message.locator('.blocks .button .button-label').allInnerTexts()).map((label) => label.trim()).filter((label) => label !== '')

const look = `(() => {
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((node) => node.offsetParent !== null)
  const wider = (node) => node.scrollWidth > node.clientWidth + 1
  return {
    width: innerWidth,
    pageWidth: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
    wide: shown('.message-list, .dialog-body, .guide-body, .message-body').filter(wider).map((node) => node.className),
    cut: shown('.button-label').filter(wider).map((node) => node.innerText),
  }
})()`
const seenSchema = z.object({ width: z.number(), pageWidth: z.number(), wide: z.array(z.string()), cut: z.array(z.string()) })

/** No sideways scrolling, and every button's label is shown whole. */
export const expectWhole = async (page: Page): Promise<void> => {
  const seen = seenSchema.parse(await page.evaluate(look))
  expect(seen.pageWidth).toBeLessThanOrEqual(seen.width)
  expect(seen.wide).toEqual([])
  expect(seen.cut).toEqual([])
}

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expectWhole } from './person.ts'

/** The two widths at which everything is looked at. CSS pixels. */
export const widths = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const
export type Width = keyof typeof widths

const folder = 'test-results/screenshots'

/** Takes the page as it is at that width into test-results/screenshots/, after looking that nothing is cut off. */
export const shoot = async (page: Page, name: string, width: Width): Promise<void> => {
  await expectWhole(page)
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}-${width}.png`) })
}

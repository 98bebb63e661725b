import { expect } from 'vitest'
import type { Page } from 'playwright-core'
import { z } from 'zod'

/*
 * What may be wider than the screen: nothing, code included. Code does not scroll sideways either; a line of it that is wider than its block goes on below.
 * A line that the screen holds stands on one line of it.
 */

/** Characters of a code line that 360 px hold, less the picture of the sender and the edges, at 11 px. */
const held = 40

const look = `(message) => {
  const tops = (selector) => [...message.querySelectorAll(selector)].map((node) => node.getBoundingClientRect())
  const last = (selector) => Math.max(-1e9, ...tops(selector).map((box) => box.bottom))
  const fields = tops('.field-cell')
  const words = (node) => (node.textContent ?? '').slice(0, 60)
  const visible = [...message.querySelectorAll('*')].filter((node) => node.getClientRects().length > 0)
  return {
    ts: message.dataset.ts ?? '',
    facts: last('.section-body, .block-header'),
    buttons: Math.min(1e9, ...tops('.block-actions').map((box) => box.top)),
    stacked: fields.every((box, at) => at === 0 || (box.top >= fields[at - 1].bottom - 1 && Math.abs(box.left - fields[at - 1].left) < 2)),
    wider: visible.filter((node) => node.getBoundingClientRect().right > innerWidth + 1).map(words),
    sideways: [...message.querySelectorAll('pre, .blocks')].filter((node) => node.scrollWidth > node.clientWidth + 1).map(words),
    code: [...message.querySelectorAll('.pre-line')].map((line) => ({
      text: (line.textContent ?? '').replace(/\\n$/, ''),
      lines: Math.round(line.getBoundingClientRect().height / parseFloat(getComputedStyle(line).lineHeight)),
    })),
  }
}`
const seenSchema = z.array(z.object({
  ts: z.string(), facts: z.number(), buttons: z.number(), stacked: z.boolean(), wider: z.array(z.string()), sideways: z.array(z.string()),
  code: z.array(z.object({ text: z.string(), lines: z.number() })),
}))
export type Seen = z.infer<typeof seenSchema>[number]

/** Where the parts of each of these stand on the page. */
export const layoutOf = async (page: Page, selector: string): Promise<readonly Seen[]> =>
  seenSchema.parse(await page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].map(${look})`))

/** Letters of a narrow script, of which a code block shows each as wide as the other. */
const narrow = /^[\x20-\x7e…·→↩×]*$/

/** Nothing reaches beyond the screen, fields stand one under the other, and a code line that a screen holds is on one line. */
export const expectFits = (seen: Seen, name: string): void => {
  expect(seen.wider, name).toEqual([])
  expect(seen.sideways, name).toEqual([])
  expect(seen.stacked, name).toBe(true)
  expect(seen.code.filter(({ text, lines }) => lines > 1 && text.length <= held && narrow.test(text)), name).toEqual([])
}

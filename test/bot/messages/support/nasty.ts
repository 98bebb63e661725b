import { hostile } from './views.ts'

/** Texts from outside as they come, and as somebody makes them who wants to be heard, hidden or believed. */
export const nasty: readonly string[] = [
  '', ' ', 'plain words', hostile,
  '<!here> <!channel> <!everyone> <!subteam^S0ALL> <@U0EVIL> <#C0EVIL>', '<!date^1^{date}|never>', '<https://evil.example|Approve>', 'a|b|c>', '&lt;!channel&gt; &amp;amp;', '&&&&&&&&&&&&&&&&&&<<<<<<<<<<<<>>>>>>>>>>>>',
  '`', '```', '``` ```', '`a` `b', "it's `not` over", '*bold* _it_ ~gone~ > quote', '@channel @here',
  '\u202Eetalsnart\u202C \u2066x\u2069 \u200Bzero\uFEFFwidth \u061C', '\u202E', '\u0000\u0007\u001B[31mred\u001B[0m', 'tab\tand\r\nlines\n\nmore', '\u2028\u2029',
  '😀'.repeat(150), 'é'.repeat(90), 'שלום עולם', '日本語のエラー', '👩‍👩‍👧‍👦'.repeat(20), '\ud800 alone', 'alone \udc00',
  'x'.repeat(5000), '<'.repeat(3000), 'a very long sentence without an end '.repeat(100), '%s ${HOME} $1 $& \\u003c!channel\\u003e', '"quoted" \'twice\'', '</code><script>alert(1)</script>',
]

/** Pseudo-random numbers in [0, 1) that a seed repeats (mulberry32). */
export const randomOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

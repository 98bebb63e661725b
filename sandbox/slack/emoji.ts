/** The emoji that messages and people here use by name; others stay `:name:` as they were typed. */
const glyphs: Record<string, string> = {
  white_check_mark: '✅', heavy_check_mark: '✔️', x: '❌', warning: '⚠️', rocket: '🚀', rewind: '⏪', hourglass: '⌛', hourglass_flowing_sand: '⏳',
  clock3: '🕒', clock4: '🕓', no_entry_sign: '🚫', no_entry: '⛔', octagonal_sign: '🛑', stop_button: '⏹️', leftwards_arrow_with_hook: '↩️',
  twisted_rightwards_arrows: '🔀', lock: '🔒', unlock: '🔓', wave: '👋', eyes: '👀', thumbsup: '👍', '+1': '👍', thumbsdown: '👎', '-1': '👎', tada: '🎉',
  fire: '🔥', bug: '🐛', heart: '❤️', smile: '😄', slightly_smiling_face: '🙂', joy: '😂', thinking_face: '🤔', pray: '🙏', clap: '👏', raised_hands: '🙌',
  bell: '🔔', mag: '🔍', package: '📦', ship: '🚢', anchor: '⚓', gear: '⚙️', wrench: '🔧', hammer: '🔨', bulb: '💡', memo: '📝', pushpin: '📌', link: '🔗',
  red_circle: '🔴', large_green_circle: '🟢', large_yellow_circle: '🟡', large_blue_circle: '🔵', zap: '⚡', snowflake: '❄️', recycle: '♻️', question: '❓',
  exclamation: '❗', information_source: 'ℹ️', point_right: '👉', point_down: '👇', coffee: '☕', robot_face: '🤖', construction: '🚧', ok_hand: '👌',
}

/** The character for an emoji's name, or undefined when it is not one we know. */
export const glyphOf = (name: string): string | undefined => (Object.hasOwn(glyphs, name) ? glyphs[name] : undefined)

/** Every name with its character, for completion. */
export const emojiNames = (): string[] => Object.keys(glyphs)

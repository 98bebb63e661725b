/** The letters of generated names: no vowels, so no words (k8s.io/apimachinery, pkg/util/rand). */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

const fnv = (text: string): number => {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

/** Five letters that depend on nothing but `seed`: the same run gives the same names. */
export const suffix = (seed: string): string => {
  let rest = fnv(seed)
  let text = ''
  for (let index = 0; index < 5; index += 1) {
    text += alphabet[rest % alphabet.length]
    rest = Math.floor(rest / alphabet.length)
  }
  return text
}

/** A pod-template-hash: as long as the real one, but not the same number (that one hashes Go's memory). */
export const templateHash = (text: string): string => {
  const digits = String(fnv(text))
  return [...digits].map((digit) => alphabet[(digit.codePointAt(0) ?? 0) % alphabet.length]).join('')
}

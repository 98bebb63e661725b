import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

/** One key of `SECRET_KEY=id:base64(32 bytes)`. */
export interface SecretKey { readonly id: string; readonly bytes: Uint8Array }

/** Where a sealed value stands: bound into it, so that rows cannot be swapped. */
export interface Place { readonly table: string; readonly row: string; readonly column: string }

/** Seals with the first key, opens with all of them; AES-256-GCM (design 8). */
export interface Sealer {
  seal(plain: string, place: Place): string
  /** Throws when the key is missing or the value was moved or altered. */
  open(sealed: string, place: Place): string
  /** Key id of a sealed value. */
  keyOf(sealed: string): string
  /** HMAC-SHA-256 in hex under a key derived for digests, so that values cannot be guessed from it. */
  hmac(text: string, keyId?: string): { readonly keyId: string; readonly hex: string }
  readonly keyIds: readonly string[]
}

/** A stored value was sealed with a key that `SECRET_KEY` does not hold. */
export class MissingKeyError extends Error {
  constructor(id: string) {
    super(`SECRET_KEY does not hold the key "${id}" that stored values need; add it back after the first one`)
    this.name = 'MissingKeyError'
  }
}

const additional = (place: Place): Buffer => Buffer.from(JSON.stringify([place.table, place.row, place.column]))

/** Form of a sealed value: `id.iv.tag.ciphertext`, the last three in base64url. */
export const createSealer = (keys: readonly [SecretKey, ...SecretKey[]]): Sealer => {
  const byId = new Map(keys.map((key) => [key.id, key]))
  const keyNamed = (id: string): SecretKey => {
    const key = byId.get(id)
    if (key === undefined) throw new MissingKeyError(id)
    return key
  }
  const partsOf = (sealed: string): [string, string, string, string] => {
    const [id, iv, tag, text] = sealed.split('.')
    if (id === undefined || iv === undefined || tag === undefined || text === undefined) throw new Error('not a sealed value')
    return [id, iv, tag, text]
  }
  return {
    keyIds: keys.map((key) => key.id),
    keyOf: (sealed) => partsOf(sealed)[0],
    seal: (plain, place) => {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', keys[0].bytes, iv).setAAD(additional(place))
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return [keys[0].id, ...[iv, cipher.getAuthTag(), text].map((part) => part.toString('base64url'))].join('.')
    },
    open: (sealed, place) => {
      const [id, iv, tag, text] = partsOf(sealed)
      const decipher = createDecipheriv('aes-256-gcm', keyNamed(id).bytes, Buffer.from(iv, 'base64url'))
      decipher.setAAD(additional(place)).setAuthTag(Buffer.from(tag, 'base64url'))
      return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()]).toString('utf8')
    },
    hmac: (text, keyId = keys[0].id) => {
      const derived = hkdfSync('sha256', keyNamed(keyId).bytes, Buffer.alloc(0), 'slipway digest v1', 32)
      return { keyId, hex: createHmac('sha256', Buffer.from(derived)).update(text).digest('hex') }
    },
  }
}

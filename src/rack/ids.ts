import { createHash, randomInt } from 'node:crypto'

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** A new id: a letter and ten capitals, Convox's form. 26^10 of them: the primary key refuses the one clash in a lifetime. */
export const newId = (prefix: 'R' | 'B' | 'P' | 'F'): string => prefix + Array.from({ length: 10 }, () => capitals[randomInt(26)]).join('')

/** Ids are read in any case. */
export const normalId = (id: string): string => id.trim().toUpperCase()

/** Four hex digits that stand for a promotion on its card and in the log. */
export const promotionRef = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 4)

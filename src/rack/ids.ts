import { randomInt } from 'node:crypto'

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** A new id: a letter and ten capitals, Convox's form. 26^10 of them: the primary key refuses the one clash in a lifetime. */
export const newId = (prefix: 'R' | 'B' | 'P'): string => prefix + Array.from({ length: 10 }, () => capitals[randomInt(26)]).join('')

/** Ids are read in any case. */
export const normalId = (id: string): string => id.trim().toUpperCase()

import { describe, expect, it } from 'vitest'
import { keeper } from '../../../src/rack/cluster/keeper.ts'

interface Fact { readonly uid: string; readonly namespace: string; readonly seen: number }
const fact = (uid: string, seen = 0, namespace = 'convox-shop'): Fact => ({ uid, namespace, seen })
const uids = (facts: readonly Fact[]): readonly string[] => facts.map(({ uid }) => uid)

describe('keeper', () => {
  it('keeps the least recently changed first', () => {
    const kept = keeper<Fact>((each) => each, (_before, next) => next)
    for (const each of [fact('a'), fact('b'), fact('a', 1)]) kept.put(each)
    expect(kept.of('convox-shop')).toEqual([fact('b'), fact('a', 1)])
  })

  it('remembers by what was kept of the same object', () => {
    const kept = keeper<Fact>((each) => each, (before, next) => ({ ...next, seen: (before?.seen ?? 0) + 1 }))
    kept.put(fact('a'))
    expect(kept.put(fact('a')).seen).toBe(2)
    expect(kept.put(fact('a', 0, 'convox-mail')).seen).toBe(1)
  })

  it('forgets the oldest beyond the bound, of each namespace by itself', () => {
    const kept = keeper<Fact>((each) => each, (_before, next) => next, () => 2)
    for (const uid of ['a', 'b', 'c']) kept.put(fact(uid))
    kept.put(fact('d', 0, 'convox-mail'))
    expect(uids(kept.of('convox-shop'))).toEqual(['b', 'c'])
    expect(uids(kept.of('convox-mail'))).toEqual(['d'])
  })

  it('lets a namespace go down to a bound that became smaller', () => {
    let most = 4
    const kept = keeper<Fact>((each) => each, (_before, next) => next, () => most)
    for (const uid of ['a', 'b', 'c', 'd']) kept.put(fact(uid))
    most = 1
    kept.trim('convox-shop')
    expect(uids(kept.of('convox-shop'))).toEqual(['d'])
    kept.trim('convox-unknown')
    expect(kept.of('convox-unknown')).toEqual([])
  })

  it('forgets what is gone, and what a new list does not name', () => {
    const kept = keeper<Fact>((each) => each, (_before, next) => next)
    for (const uid of ['a', 'b', 'c']) kept.put(fact(uid))
    kept.remove(fact('a'))
    kept.keepOnly([fact('c')])
    expect(uids(kept.of('convox-shop'))).toEqual(['c'])
  })
})

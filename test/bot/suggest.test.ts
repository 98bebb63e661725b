import { describe, expect, it } from 'vitest'
import { nearestCommands, nearestWords, wordDistance } from '../../src/bot/suggest.ts'

describe('how far a word is', () => {
  it.each([
    ['promote', 'promote', 0],
    ['promot', 'promote', 1],
    ['rpomote', 'promote', 1],
    ['promto', 'promote', 2],
    ['evn', 'env', 1],
    ['rel', 'releases', 2.5],
    ['re', 'releases', 2.5],
    ['r', 'releases', Infinity],
    ['foo', 'env', Infinity],
    ['pss', 'ps', 1],
    ['px', 'ps', 1],
    ['deploy', 'env', Infinity],
  ])('%s to %s: %d', (typed, real, far) => {
    expect(wordDistance(typed, real)).toBe(far)
  })

  it('orders the nearest first, then by the alphabet', () => {
    expect(nearestWords('shpo', ['shops', 'mail', 'shop'])).toEqual(['shop'])
    expect(nearestWords('promote', ['promotes', 'promoted', 'promote'])).toEqual(['promote', 'promoted', 'promotes'])
    expect(nearestWords('Shop', ['shop'])).toEqual(['shop'])
    expect(nearestWords('zzz', ['shop'])).toEqual([])
  })
})

describe('the command that is meant', () => {
  const names = ['help', 'apps', 'apps info', 'apps params set', 'releases', 'releases info', 'releases promote', 'env', 'env set']
  it.each([
    [['relases'], ['releases']],
    [['releases', 'promot'], ['releases promote']],
    [['relases', 'promot', 'RX'], ['releases promote']],
    [['promote', 'RX'], ['releases promote']],
    [['set'], ['apps params set', 'env set']],
    [['status'], ['apps info']],
    [['undo'], []],
    [['xyzzy'], []],
    [[], []],
  ])('%j: %j', (typed, expected) => {
    expect(nearestCommands(typed, names).map(({ name }) => name)).toEqual(expected)
  })

  it('says how many of the words it used up', () => {
    expect(nearestCommands(['promote', 'RX'], names)).toEqual([{ name: 'releases promote', used: 1 }])
    expect(nearestCommands(['releases', 'promot', 'RX'], names)).toEqual([{ name: 'releases promote', used: 2 }])
  })
})

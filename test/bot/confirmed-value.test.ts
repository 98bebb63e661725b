import { expect, it } from 'vitest'
import { deadlineValue, readConfirmedValue } from '../../src/bot/confirmed-value.ts'

it.each([
  ['shop:RX', { app: 'shop', release: 'RX', deadlineSeconds: null }],
  ['shop:RX:1200', { app: 'shop', release: 'RX', deadlineSeconds: 1200 }],
  ['shop:RX:1200:5', null],
  ['shop', null],
  ['shop:', null],
  ['Shop!:RX', null],
])('%j is %j', (value, expected) => {
  expect(readConfirmedValue(value)).toEqual(expected)
})

it('reads what it writes', () => {
  expect(readConfirmedValue(deadlineValue('my-app', 'RABCDEFGHIJ', 90))).toEqual({ app: 'my-app', release: 'RABCDEFGHIJ', deadlineSeconds: 90 })
})

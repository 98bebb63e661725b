import { expect, it } from 'vitest'
import { confirmedValue, readConfirmedValue } from '../../src/bot/confirmed-value.ts'

const plain = { deadlineSeconds: null, force: false, queue: false, override: false }

it.each([
  ['shop:RX', { app: 'shop', release: 'RX', ...plain }],
  ['shop:RX:1200', { app: 'shop', release: 'RX', ...plain, deadlineSeconds: 1200 }],
  ['shop:RX:0f', { app: 'shop', release: 'RX', ...plain, force: true }],
  ['shop:RX:0x', null],
  ['shop:RX:1200:5', null],
  ['shop', null],
  ['shop:', null],
  ['Shop!:RX', null],
])('%j is %j', (value, expected) => {
  expect(readConfirmedValue(value)).toEqual(expected)
})

it.each([
  { ...plain, deadlineSeconds: 90 },
  { ...plain, force: true },
  { deadlineSeconds: 600, force: true, queue: true, override: true },
  { ...plain, queue: true },
  { ...plain, override: true },
])('reads what it writes: %j', (manner) => {
  expect(readConfirmedValue(confirmedValue('my-app', 'RABCDEFGHIJ', manner))).toEqual({ app: 'my-app', release: 'RABCDEFGHIJ', ...manner })
})

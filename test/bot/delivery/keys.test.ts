import { expect, test } from 'vitest'
import { carries, keyIn, metadataOf, rangesOf } from '../../../src/bot/delivery/keys.ts'

test.each([[{ kind: 'card' }], [{ kind: 'told' }], [{ kind: 'left' }], [{ kind: 'rows', ranges: [{ from: 3, to: 17 }] }], [{ kind: 'rows', ranges: [{ from: 3, to: 3 }, { from: 6, to: 9 }] }]] as const)('a key reads back as it was written: %j', (key) => {
  expect(keyIn(metadataOf('PAAAAAAAAAA', key, 4), 'PAAAAAAAAAA')).toEqual(key)
})

test('the metadata has ids and numbers only', () => {
  expect(metadataOf('PAAAAAAAAAA', { kind: 'rows', ranges: rangesOf([5, 3, 4]) }, 4)).toEqual({ event_type: 'convox_release', event_payload: { k: 'rows:3-5', p: 'PAAAAAAAAAA', r: 4 } })
})

test.each([
  ['another promotion', metadataOf('PBBBBBBBBBB', { kind: 'card' }, 1)],
  ['another app', { event_type: 'other', event_payload: { k: 'card', p: 'PAAAAAAAAAA' } }],
  ['another key', { event_type: 'convox_release', event_payload: { k: 'rows:a-b', p: 'PAAAAAAAAAA' } }],
  ['no metadata', undefined],
])('%s is not ours', (_name, metadata) => {
  expect(keyIn(metadata, 'PAAAAAAAAAA')).toBeUndefined()
})

test('a message carries its rows and no others', () => {
  expect([2, 3, 5, 6, 8].map((seq) => carries({ kind: 'rows', ranges: rangesOf([3, 4, 5, 8]) }, seq))).toEqual([false, true, true, false, true])
})

import { expect, test } from 'vitest'
import { decides } from '../../../src/bot/receive/handle.ts'

test.each([
  ['Approve', { kind: 'click', action: 'approve', value: 'PAAAAAAAAAA:1', on: 'message' }, true],
  ['Reject', { kind: 'click', action: 'reject', value: 'PAAAAAAAAAA:1', on: 'message' }, true],
  ['the reason of a rejection', { kind: 'submission', view: 'reject_promotion', metadata: '', fields: {} }, true],
  ['Cancel', { kind: 'click', action: 'cancel_rollout', value: 'PAAAAAAAAAA:1', on: 'message' }, false],
  ['another form', { kind: 'submission', view: 'edit_env', metadata: '', fields: {} }, false],
  ['a command', { kind: 'command', text: 'apps' }, false],
] as const)('knows whether %s decides about a promotion', (_what, incoming, deciding) => {
  expect(decides(incoming)).toBe(deciding)
})

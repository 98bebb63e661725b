import type { PromotionView } from '../../../../src/rack/promotion-view.ts'
import type { ThreadLine } from '../../../../src/rack/thread-line.ts'

/** A promotion of `shop` asked for by U1ANA, just begun; `change` says what is different. */
export const promotionView = (change: Partial<PromotionView> = {}): PromotionView => ({
  id: 'PAAAAAAAAAA', rack: 'convox', app: 'shop', severalRacks: false, kind: 'promote', status: 'rolling_out', rev: 1,
  release: { id: 'RMKPLXWQVTA', description: 'env add:FOO', build: null }, from: 'RHBTZQNCEDS', target: 'RHBTZQNCEDS',
  requester: 'U1ANA', requestedAt: new Date('2026-11-24T14:02:00Z'),
  approvals: { needed: 0, waived: 'policy', votes: [], approvers: [] }, expiresAt: null, deadlineSeconds: 600, stabilitySeconds: 30,
  change: { images: [], env: { added: ['FOO'], changed: [], removed: [] }, manifest: [] }, warnings: [],
  startedAt: new Date('2026-11-24T14:05:11Z'), failedAt: null, finishedAt: null,
  progress: {
    phase: 'services', applied: { done: 3, total: 3 }, lastChangeAt: '2026-11-24T14:05:21Z', deadlineAt: '2026-11-24T14:15:11Z',
    services: [{ service: 'web', state: 'going', ready: 1, desired: 2, oldRunning: 1, oldStopping: 0 }],
  },
  cause: null, otherCauses: [], rollbackCause: null, logs: [], ended: null, last: null, queue: null, continuesEarlier: false, ref: '7f3a',
  ...change,
})

export const at = '2026-11-24T14:05:11Z'
export const status = (from: 'Running' | 'Pending' | 'Updating', to: 'Pending' | 'Updating' | 'Running'): ThreadLine => ({ at, kind: 'status', from, to })
export const event = (text: string): ThreadLine => ({ at, kind: 'event', object: 'web', text, count: 1 })

import { describe, expect, it } from 'vitest'
import { gate, inOrder, lockNow, turn, type Asking, type Freeze, type GateState, type InLine, type Lock, type Verdict } from '../../../src/rack/gate/gate.ts'

const now = new Date('2026-11-28T12:00:00Z')
const before = new Date('2026-11-28T11:00:00Z')
const after = new Date('2026-11-28T13:00:00Z')
const lock = (until: Date | null): Lock => ({ owner: 'U0CY', reason: 'migration', since: before, until })
/** Holds at `now`, a Saturday. */
const weekend: Freeze = { cron: '0 18 * * 5', seconds: 62 * 3600, zone: 'UTC', reason: 'weekend', createdAt: new Date('2026-11-01T00:00:00Z') }
const ended = new Date('2026-11-30T08:00:00Z')
const holidays: Freeze = { cron: '0 0 24 12 *', seconds: 3600, zone: 'UTC', reason: 'holidays', createdAt: new Date('2026-11-02T00:00:00Z') }
const frozen: Freeze = { cron: '0 0 28 11 *', seconds: 48 * 3600, zone: 'UTC', reason: 'sale', createdAt: new Date('2026-11-03T00:00:00Z') }

const asking = (changed: Partial<Asking> = {}): Asking => ({ owner: false, provenRollback: false, overrideAt: null, ...changed })
const state = (changed: Partial<GateState> = {}): GateState => ({ lock: null, freezes: [], ...changed })
const waitsForLock = (until: Date | null) => ({ kind: 'lock', owner: 'U0CY', reason: 'migration', until }) as const
const waitsForWeekend = { kind: 'freeze', reason: 'weekend', until: ended } as const
const waitsForSale = { kind: 'freeze', reason: 'sale', until: new Date('2026-11-30T00:00:00Z') } as const

describe('the gate', () => {
  it.each<[string, GateState, Asking, Verdict]>([
    ['nothing in the way', state(), asking(), { waits: [], passes: [] }],
    ['a lock', state({ lock: lock(null) }), asking(), { waits: [waitsForLock(null)], passes: [] }],
    ['a lock with an end', state({ lock: lock(after) }), asking(), { waits: [waitsForLock(after)], passes: [] }],
    ['a lock that is over', state({ lock: lock(before) }), asking(), { waits: [], passes: [] }],
    ['a lock that is over now', state({ lock: lock(now) }), asking(), { waits: [], passes: [] }],
    ['the own lock', state({ lock: lock(null) }), asking({ owner: true }), { waits: [], passes: [{ kind: 'lock', owner: 'U0CY', by: 'owner' }] }],
    ['a lock, and a rollback to what was proven', state({ lock: lock(null) }), asking({ provenRollback: true }), { waits: [], passes: [{ kind: 'lock', owner: 'U0CY', by: 'rollback' }] }],
    ['a lock, and a freeze overridden', state({ lock: lock(null) }), asking({ overrideAt: before }), { waits: [waitsForLock(null)], passes: [] }],
    ['a freeze', state({ freezes: [weekend] }), asking(), { waits: [waitsForWeekend], passes: [] }],
    ['a freeze at another time', state({ freezes: [holidays] }), asking(), { waits: [], passes: [] }],
    ['two freezes and one at another time', state({ freezes: [weekend, holidays, frozen] }), asking(), { waits: [waitsForWeekend, waitsForSale], passes: [] }],
    ['two freezes overridden', state({ freezes: [weekend, frozen] }), asking({ overrideAt: before }), {
      waits: [], passes: [{ kind: 'freeze', reason: 'weekend', by: 'override' }, { kind: 'freeze', reason: 'sale', by: 'override' }],
    }],
    ['a freeze overridden, and one added after that', state({ freezes: [weekend, frozen] }), asking({ overrideAt: weekend.createdAt }), {
      waits: [waitsForSale], passes: [{ kind: 'freeze', reason: 'weekend', by: 'override' }],
    }],
    ['a freeze, and a rollback to what was proven', state({ freezes: [weekend] }), asking({ provenRollback: true }), { waits: [], passes: [{ kind: 'freeze', reason: 'weekend', by: 'rollback' }] }],
    ['a freeze, and the owner of the lock', state({ lock: lock(null), freezes: [weekend] }), asking({ owner: true }), { waits: [waitsForWeekend], passes: [{ kind: 'lock', owner: 'U0CY', by: 'owner' }] }],
    ['both', state({ lock: lock(after), freezes: [weekend] }), asking(), { waits: [waitsForLock(after), waitsForWeekend], passes: [] }],
    ['both, and a rollback to what was proven', state({ lock: lock(after), freezes: [weekend] }), asking({ provenRollback: true }), {
      waits: [], passes: [{ kind: 'lock', owner: 'U0CY', by: 'rollback' }, { kind: 'freeze', reason: 'weekend', by: 'rollback' }],
    }],
  ])('%s', (_, facts, what, verdict) => {
    expect(gate(facts, what, now)).toEqual(verdict)
  })

  it('opens the moment the freeze ends', () => {
    expect(gate(state({ freezes: [weekend] }), asking(), new Date(ended.getTime() - 1)).waits).toHaveLength(1)
    expect(gate(state({ freezes: [weekend] }), asking(), ended).waits).toHaveLength(0)
  })

  it('knows the lock as long as it holds', () => {
    expect(lockNow({ lock: lock(after) }, now)?.owner).toBe('U0CY')
    expect(lockNow({ lock: lock(before) }, now)).toBeNull()
  })
})

describe('the order of a queue', () => {
  const each = (id: string, seq: number, minute: number, force = false): InLine => ({ id, seq, force, queuedAt: new Date(Date.UTC(2026, 10, 28, 10, minute)) })
  const [first, second, third, forced] = [each('A', 1, 5), each('B', 2, 3), each('C', 3, 5), each('F', 9, 9, true)]
  const verdicts = (...held: readonly string[]): ReadonlyMap<string, Verdict> => new Map(held.map((id) => [id, { waits: [waitsForWeekend], passes: [] }]))

  it('is forced first, then by when it was queued, then by when it was asked', () => {
    expect(inOrder([third, forced, first, second]).map(({ id }) => id)).toEqual(['F', 'B', 'A', 'C'])
  })

  it.each<[string, readonly string[], string | undefined]>([
    ['nobody is held', [], 'F'], ['the first is held', ['F'], 'B'], ['the first two are held', ['F', 'B'], 'A'], ['all are held', ['A', 'B', 'C', 'F'], undefined],
  ])('%s', (_, held, next) => {
    expect(turn([third, forced, first, second], verdicts(...held))?.id).toBe(next)
  })
})

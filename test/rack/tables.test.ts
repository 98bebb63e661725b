import { describe, expect, it } from 'vitest'
import { promotionStatuses } from '../../src/db/words.ts'
import { includesRole } from '../../src/rack/actor.ts'
import { appStatus } from '../../src/rack/apps.ts'
import { changedEnv } from '../../src/rack/env.ts'
import { newId, normalId, promotionRef } from '../../src/rack/ids.ts'
import { buildDescription, coverServices } from '../../src/rack/import-image.ts'
import { parseManifest } from '../../src/rack/manifest/parse.ts'
import { nearest } from '../../src/rack/nearest.ts'
import { subjectOf } from '../../src/rack/own-binding.ts'
import { defaultParams, paramsFrom, parseDuration, readParam } from '../../src/rack/params.ts'
import { processCommand, processStatus } from '../../src/rack/processes.ts'
import { isFinal, isMoving, sourcesOf, transitions } from '../../src/rack/promotion.ts'
import { RefusalError } from '../../src/rack/refusal.ts'
import { releaseStatus } from '../../src/rack/releases.ts'
import { parsePod } from '../../src/rack/rollout/decode.ts'

const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'none'
  } catch (error) {
    return error instanceof RefusalError ? error.refusal.code : String(error)
  }
}

describe('the states of a promotion', () => {
  it('ends where nothing leads on, and never goes back to waiting from moving', () => {
    expect(promotionStatuses.filter(isFinal)).toEqual(['succeeded', 'rejected', 'expired', 'cancelled', 'failed', 'superseded', 'rolled_back', 'rollback_failed'])
    expect(promotionStatuses.filter(isMoving)).toEqual(['rolling_out', 'rolling_back'])
    for (const from of ['rolling_out', 'rolling_back'] as const) expect(transitions[from]).not.toContain('queued')
  })
  it.each([['succeeded', ['rolling_out']], ['cancelled', ['awaiting_approval', 'queued']], ['rolled_back', ['rolling_back']], ['failed', ['queued', 'rolling_out', 'rolling_back']]] as const)('reaches %s from %s', (to, from) => {
    expect(sourcesOf(to)).toEqual(from)
  })
})

describe('an app\'s status (answers.md, apps)', () => {
  const promotion = (status: (typeof promotionStatuses)[number], cancelBy: string | null = null) => ({ status, targetReleaseId: null, cancelBy })
  it.each([
    ['new', [], null, 'running'],
    ['waiting only', [promotion('awaiting_approval'), promotion('succeeded')], 'RA', 'running'],
    ['rolling out', [promotion('rolling_out'), promotion('succeeded')], 'RA', 'updating'],
    ['rolling back', [promotion('rolling_back')], 'RA', 'rollback'],
    ['back again', [promotion('rolled_back'), promotion('succeeded')], 'RA', 'running'],
    ['a failed rollback', [promotion('rejected'), promotion('rollback_failed')], 'RA', 'failed'],
    ['a failed first release', [promotion('failed')], null, 'failed'],
    ['a cancelled first release', [promotion('failed', 'U1')], null, 'running'],
    ['refused by the cluster', [promotion('failed'), promotion('succeeded')], 'RA', 'running'],
  ] as const)('%s', (_what, newest, active, expected) => {
    expect(appStatus(newest, active)).toBe(expected)
  })
})

describe('a release\'s status (answers.md, releases)', () => {
  it.each([
    ['RA', 'RA', null, 'active'], ['RB', 'RA', 'rolling_out', 'promoting'], ['RA', 'RA', 'rolling_back', 'promoting'], ['RB', 'RA', 'rolled_back', 'failed'],
    ['RB', 'RA', 'rollback_failed', 'failed'], ['RB', 'RA', 'failed', 'failed'], ['RB', 'RA', 'rejected', ''], ['RB', 'RA', 'succeeded', ''], ['RB', null, null, ''],
  ] as const)('%s with %s active after %s is "%s"', (id, active, status, expected) => {
    expect(releaseStatus(id, active, status)).toBe(expected)
  })
})

describe('params', () => {
  it.each([['90s', 90], ['10m', 600], ['2h', 7200], ['2H', 7200], ['10x', undefined], ['', undefined], ['1.5m', undefined], ['-1s', undefined]])('reads the duration "%s" as %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })
  it.each([
    ['channel', '<#C012|ops>', { channel: 'C012' }], ['approvals', '2', { approvals: 2 }], ['approvers', '<@U012|bo>, <@U034>', { approvers: ['U012', 'U034'] }], ['approvers', 'none', { approvers: [] }], ['approvers', '<!subteam^S012|@team>,U034,S056', { approvers: ['S012', 'U034', 'S056'] }],
    ['deadline', '20m', { deadline: 1200 }], ['stability', '0s', { stability: 0 }], ['Expiry', '2h', { expiry: 7200 }],
  ])('keeps %s=%s', (name, value, expected) => {
    const { name: known, stored } = readParam(name, value)
    expect(paramsFrom(new Map([[known, stored]]))).toEqual({ ...defaultParams, ...expected })
  })
  it.each([['colour', 'red', 'param_unknown'], ['approvals', '11', 'param_invalid'], ['approvals', 'two', 'param_invalid'], ['deadline', '5s', 'param_invalid'], ['channel', 'ops', 'param_invalid'], ['approvers', 'bo', 'param_invalid']])('refuses %s=%s', (name, value, code) => {
    expect(codeOf(() => readParam(name, value))).toBe(code)
  })
})

describe('ids and names', () => {
  it('are a letter and ten capitals, read in any case', () => {
    expect(newId('R')).toMatch(/^R[A-Z]{10}$/)
    expect(newId('P')).not.toBe(newId('P'))
    expect(normalId(' rabcdefghij ')).toBe('RABCDEFGHIJ')
    expect(promotionRef('PABCDEFGHIJ')).toMatch(/^[0-9a-f]{4}$/)
  })
  it.each([['shpo', ['shop', 'mail'], ['shop']], ['sho', ['shop', 'mail'], ['shop']], ['zzz', ['shop', 'mail'], []], ['RABCDEFGHIX', ['RABCDEFGHIJ', 'RZZZZZZZZZZ'], ['RABCDEFGHIJ']]])('nearest to %s of %s: %s', (word, known, expected) => {
    expect(nearest(word, known)).toEqual(expected)
  })
  it('turn a service account into a subject, and anybody else into a user', () => {
    expect(subjectOf('system:serviceaccount:slipway:bot')).toEqual({ kind: 'ServiceAccount', namespace: 'slipway', name: 'bot' })
    expect(subjectOf('ana')).toEqual({ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ana' })
  })
})

describe('roles include those before them', () => {
  it.each([['viewer', 'viewer', true], ['viewer', 'deployer', false], ['approver', 'deployer', true], ['admin', 'approver', true], ['deployer', 'approver', false]] as const)('%s is a %s: %s', (role, needed, expected) => {
    expect(includesRole(role, needed)).toBe(expected)
  })
})

describe('env changes', () => {
  const before = { A: '1', B: '2' }
  it.each([
    [{ set: [['C', '3']], unset: [], replace: false }, { A: '1', B: '2', C: '3' }],
    [{ set: [['A', '9']], unset: ['B'], replace: false }, { A: '9' }],
    [{ set: [['C', '3']], unset: [], replace: true }, { C: '3' }],
    [{ set: [], unset: ['ZZ'], replace: false }, before],
  ] as const)('%j', (change, expected) => {
    expect(changedEnv(before, change)).toEqual(expected)
  })
  it.each([[{ set: [['A B', '1']], unset: [], replace: false }, 'env_key_not_allowed'], [{ set: [['A', '1']], unset: ['A'], replace: false }, 'env_set_and_unset']] as const)('%j is refused', (change, code) => {
    expect(codeOf(() => changedEnv(before, change))).toBe(code)
  })
})

describe('images of an import', () => {
  const parsed = parseManifest('services:\n  web:\n    build: .\n    port: 3000\n  proxy:\n    image: nginx:1\n  worker:\n    build: .\n')
  const manifest = parsed.ok ? parsed.manifest : { services: [], timers: [], configs: [] }
  it('serve every service without an image of its own, or are named one each', () => {
    expect(Object.fromEntries(coverServices('shop', manifest, 'shop:2', []))).toEqual({ web: 'shop:2', proxy: 'nginx:1', worker: 'shop:2' })
    expect(Object.fromEntries(coverServices('shop', manifest, null, [['web', 'w:1'], ['worker', 'k:1'], ['proxy', 'p:1']]))).toEqual({ web: 'w:1', proxy: 'p:1', worker: 'k:1' })
  })
  it('refuse what is left uncovered and what is not there, by name', () => {
    const init = parseManifest('services:\n  web: {initContainer: {image: "tools:2"}}\n  worker: {initContainer: {command: bin/wait}}\n')
    expect(init.ok && Object.fromEntries(coverServices('shop', init.manifest, 'shop:2', []))).toEqual({ web: 'shop:2', worker: 'shop:2', 'web/init': 'tools:2' })
    expect(codeOf(() => coverServices('shop', manifest, null, [['web', 'w:1']]))).toBe('service_without_image')
    expect(codeOf(() => coverServices('shop', manifest, 'a', [['wbe', 'w:1']]))).toBe('service_unknown')
  })
  it.each([
    [{ description: 'my words', gitSha: 'abc', message: null, image: 'i', images: [] }, 'my words'],
    [{ description: null, gitSha: '7329df90c1aabbccdd', message: 'this is my commit message\nmore', image: 'i', images: [] }, 'build 7329df90c1 this is my commit message'],
    [{ description: null, gitSha: null, message: 'x', image: 'shop:2', images: [] }, 'image shop:2'],
    [{ description: null, gitSha: null, message: null, image: null, images: [['web', 'w:1'], ['worker', 'k:1']] }, 'image w:1, k:1'],
  ] as const)('are described as answers.md says: %#', (input, expected) => {
    expect(buildDescription(input)).toBe(expected)
  })
})

describe('a process\'s status (convox.md 1)', () => {
  const pod = (phase: string, ready?: [string, string], more: object = {}, waiting?: string) => {
    const parsed = parsePod({
      metadata: { uid: 'u', name: 'web-1', namespace: 'convox-shop', ...more },
      status: {
        phase, conditions: ready === undefined ? [] : [{ type: 'Ready', status: ready[0], reason: ready[1] }],
        containerStatuses: [{ name: 'main', ready: false, restartCount: 0, image: 'i', state: waiting === undefined ? {} : { waiting: { reason: waiting } } }],
      },
    })
    if (parsed === undefined) throw new Error('not a pod')
    return parsed
  }
  it.each([
    ['pending', pod('Pending')], ['running', pod('Running', ['True', ''])], ['starting', pod('Running', ['False', 'ContainersNotReady'])], ['unhealthy', pod('Running', ['False', 'ReadinessGatesNotReady'])],
    ['crashed', pod('Running', ['False', 'ContainersNotReady'], {}, 'CrashLoopBackOff')], ['complete', pod('Succeeded')], ['failed', pod('Failed')], ['unknown', pod('Unknown')],
    ['stopping', pod('Running', ['True', ''], { deletionTimestamp: '2026-11-24T14:00:00Z' })],
  ] as const)('%s', (expected, facts) => {
    expect(processStatus(facts)).toBe(expected)
  })
})

describe('the command of a process', () => {
  const parsed = parseManifest('services:\n  web: {command: bin/web}\n  plain: {}\ntimers:\n  clean: {schedule: "@daily", service: web, command: bin/clean}\nrelease: {service: web, command: bin/migrate}\n')
  const manifest = parsed.ok ? parsed.manifest : { services: [], timers: [], configs: [] }
  it.each([
    [{ type: 'service', service: 'web', name: 'web' }, 'bin/web'], [{ type: 'service', service: 'plain', name: 'plain' }, ''], [{ type: 'timer', service: 'web', name: 'clean' }, 'bin/clean'],
    [{ type: 'release', service: 'web', name: 'release' }, 'bin/migrate'], [{ type: 'timer', service: 'web', name: 'gone' }, ''], [{ service: 'gone' }, ''],
  ])('with the labels %j is %j', (labels, command) => {
    expect(processCommand(manifest, labels)).toBe(command)
  })
})

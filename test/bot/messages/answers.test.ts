import { describe, expect, it } from 'vitest'
import type { ReleaseInfo, ReleasePage } from '../../../src/rack/operations.ts'
import { appInfoText, appsAnswer, appsTable, paramsText } from '../../../src/bot/messages/app-answers.ts'
import { buildsAnswer, buildsTable } from '../../../src/bot/messages/build-answers.ts'
import { createdFromAnswer, deployAnswer, envChangedAnswer, importedAnswer, promoteAnswer } from '../../../src/bot/messages/change-answers.ts'
import { envAnswer, envLines, envValueAnswer } from '../../../src/bot/messages/env-answers.ts'
import { processesAnswer, processesTable } from '../../../src/bot/messages/process-answers.ts'
import { peopleIn, promotionInfoText, promotionsAnswer, promotionsTable } from '../../../src/bot/messages/promotion-answers.ts'
import { manifestAnswer, releaseInfoAnswer, releaseInfoText, releasesAnswer, releasesTable, releasesTextAnswer } from '../../../src/bot/messages/release-answers.ts'
import { age, duration, shortDuration } from '../../../src/bot/messages/times.ts'
import type { ListAsk, PagedList } from '../../../src/bot/page-value.ts'
import { drawn } from './support/seen.ts'
import { ana, at, bo, byStatus, crash, cy, names, R, RP, situations } from './support/views.ts'

const now = at('14:10')
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000)
const fenced = (...lines: string[]): string => ['```', ...lines, '```'].join('\n')

const empty = { rows: [], after: null, before: null }
const list = (name: PagedList, app: string | null = 'shop'): ListAsk => ({ list: name, rack: 'convox', app, page: { limit: 10 } })

const page: ReleasePage = {
  total: 37, more: false, above: 0, after: 'RBCDEFGHIJ', before: null, active: 'RBCDEFGHIJ',
  rows: [
    { id: 'RCDEFGHIJK', status: '', build: 'BABCDEFGHI', created: ago(65), description: 'env add:FOO' },
    { id: 'RBCDEFGHIJ', status: 'active', build: 'BABCDEFGHI', created: ago(359), description: 'build 0a1b2c3d4e5f my commit message' },
  ],
}
const release: ReleaseInfo = {
  id: 'RCDEFGHIJK', status: '', build: 'BABCDEFGHI', created: new Date('2019-01-01T00:00:00Z'), description: 'env add:FOO', app: 'myapp',
  env: [{ key: 'FOO', value: null }], promoted: null, from: null,
}

describe('releases', () => {
  it('as text is the table of the seeds (seeds/convox-v3-release.txt)', () => {
    expect(releasesTable(page.rows, now)).toBe([
      'ID          STATUS  BUILD       CREATED        DESCRIPTION',
      'RCDEFGHIJK          BABCDEFGHI  1 minute ago   env add:FOO',
      'RBCDEFGHIJ  active  BABCDEFGHI  5 minutes ago  build 0a1b2c3d4e5f my commit message',
    ].join('\n'))
  })

  it('as text has no trailing blanks where a description is missing (seeds/convox-v2-releases.txt)', () => {
    expect(releasesTable([{ id: 'RVUGSLANDXU', status: '', build: 'BNNJBWFAWYJ', created: ago(2 * 604_800), description: '' }], now).split('\n')[1]).toBe('RVUGSLANDXU          BNNJBWFAWYJ  2 weeks ago')
  })

  it('as cards has a Promote button in each row, pages and the way to the plain table (cards.md 5)', () => {
    const answer = releasesAnswer({ ...page, above: 10, before: R, rows: [{ id: R, status: 'promoting', build: 'BXKQWMNVDTR', created: ago(65), description: 'env add:FOO' }] }, list('releases'))
    expect(answer.text).toBe('Releases of shop: 1 of 37, active is RBCDEFGHIJ.')
    expect(drawn(answer.blocks)).toBe([
      '[header ] Releases of shop',
      '`RMKPLXWQVTA` *promoting* · `BXKQWMNVDTR` · 3 minutes ago', 'env add:FOO (Promote)',
      '[actions] (Older) (Newer)',
      '[context] 11-11 of 37 · plain table: `/convox releases -a shop --text`',
    ].join('\n'))
    expect(JSON.stringify(answer.blocks)).toContain(`"value":"shop:${R}"`)
  })

  it('of an app without one says how to get one (answers.md, cards.md 5)', () => {
    const none = { ...empty, total: 0, more: false, above: 0, active: null }
    expect(releasesTextAnswer(none, 'myapp', now).text).toBe('no releases for myapp yet')
    expect(drawn(releasesAnswer(none, list('releases', 'myapp')).blocks)).toBe('no releases for `myapp` yet\nStart with `/convox builds import-image <image> -a myapp`')
  })

  it('too long for Slack becomes a file', () => {
    const rows = Array.from({ length: 100 }, () => ({ id: 'RCDEFGHIJK', status: '' as const, build: 'BABCDEFGHI', created: ago(65), description: 'build 0a1b2c3d4e5f a long commit message that goes on' }))
    const answer = releasesTextAnswer({ ...page, rows, active: null }, 'shop', now)
    expect(answer.file?.content.split('\n')).toHaveLength(102)
    expect(drawn(answer.blocks)).toBe('All 101 lines are a file in your direct messages.')
  })
})

describe('releases info', () => {
  it('is as in the seeds, with the env masked (seeds/convox-v3-release.txt, answers.md)', () => {
    expect(releaseInfoText(release)).toBe([
      'Id           RCDEFGHIJK',
      'Build        BABCDEFGHI',
      'Created      2019-01-01T00:00:00Z',
      'Description  env add:FOO',
      'Env          FOO=****',
      'Promoted     never',
    ].join('\n'))
  })

  it('says when, by whom and how long it was promoted, and where it comes from (answers.md)', () => {
    const text = releaseInfoText({ ...release, env: [], promoted: { at: new Date('2019-01-01T00:00:49Z'), by: ana, status: 'succeeded', seconds: 21 }, from: { build: 'RX', env: 'RY' } }, names)
    expect(text).toContain('Promoted     2019-01-01T00:00:49Z by @ana, succeeded in 21s')
    expect(text).toContain('From         RX (build), RY (env)')
    expect(releaseInfoText({ ...release, from: { rollback: 'RX' } })).toContain('From         RX')
  })

  it('reveals values to the person alone and says that it is audited (cards.md 5)', () => {
    const answer = releaseInfoAnswer({ ...release, env: [{ key: 'A', value: 'line\nline' }, { key: 'B', value: '<b>' }] })
    expect(drawn(answer.blocks)).toContain('Env          A="line\\nline"\n             B=<b>')
    expect(drawn(answer.blocks)).toContain('Only you can see this; it is audited.')
  })
})

describe('releases manifest', () => {
  const manifest = 'services:\n  web:\n    build: .\n    command: bin/web\n    port: 5000\n'
  it('is the convox.yml byte for byte (seeds/convox-v3-release.txt)', () => {
    expect(drawn(manifestAnswer('RCDEFGHIJK', manifest).blocks)).toBe(fenced(...manifest.trimEnd().split('\n')))
  })
  it.each([['over 2,500 characters', `${manifest}#${'x'.repeat(2500)}`], ['with three back-ticks', `${manifest}# \`\`\`\n`], ['with a hidden character', `${manifest}# \u202E\n`]])('is a file %s (answers.md)', (_, text) => {
    expect(manifestAnswer('R', text).file?.content).toBe(text)
    expect(JSON.stringify(manifestAnswer('R', text).blocks)).not.toContain('services')
  })
})

describe('answers to changes', () => {
  const base = { id: 'RB', active: 'RB' }
  it.each([
    ['env set', envChangedAnswer('myapp', { release: 'RCDEFGHIJK', base, set: ['FOO', 'BAR'], unset: [] }, null), fenced('Setting BAR, FOO... OK', 'Release: RCDEFGHIJK', 'Base: RB'), '[actions] (Promote)'],
    ['env unset', envChangedAnswer('myapp', { release: 'RNEW', base: { id: 'RB', active: 'RA' }, set: [], unset: ['FOO'] }, null), fenced('Unsetting FOO... OK', 'Release: RNEW', 'Base: RB (not active; active is RA)'), '[actions] (Promote)'],
    ['create-from', createdFromAnswer('myapp', { release: 'RNEWRELEASE', base: null }, null), fenced('Creating release... OK', 'Release: RNEWRELEASE'), '[actions] (Promote)'],
    ['import-image', importedAnswer('myapp', { build: 'BABCDEFGHI', release: 'RBCDEFGHIJ', base, warnings: [] }), fenced('Creating build... OK, BABCDEFGHI', 'Creating release... OK, RBCDEFGHIJ', 'Build: BABCDEFGHI', 'Release: RBCDEFGHIJ', 'Base: RB'), '[actions] (Promote)'],
  ] as const)('%s: the lines of answers.md and the seeds', (_, answer, code, buttons) => {
    expect(drawn(answer.blocks)).toBe([code, buttons].join('\n'))
  })

  it.each([
    ['promote', promoteAnswer({ view: byStatus.rolling_out, channel: 'C0SHOP' }), fenced('Promoting RMKPLXWQVTA...')],
    ['promote with approvals', promoteAnswer({ view: byStatus.awaiting_approval, channel: 'C0SHOP' }), fenced('Promoting RMKPLXWQVTA... waiting for approval (0 of 1)')],
    ['rollback', promoteAnswer({ view: situations.rollback, channel: 'C0SHOP' }), fenced(`Rolling back to ${RP}... OK, ${R}`)],
    ['create-from --promote', createdFromAnswer('shop', { release: R, base: null }, { view: byStatus.rolling_out, channel: 'C0SHOP' }), fenced('Creating release... OK', `Release: ${R}`, `Promoting ${R}...`)],
    ['deploy', deployAnswer('myapp', { build: 'BNEW', release: R, base: null, warnings: [] }, { view: byStatus.rolling_out, channel: 'C0SHOP' }), fenced('Deploying myapp', 'Creating build... OK, BNEW', `Creating release... OK, ${R}`, `Promoting ${R}...`)],
  ] as const)('%s: the first lines and where the card is (answers.md, cards.md 5)', (_, answer, code) => {
    expect(drawn(answer.blocks)).toBe([code, 'The card is in #C0SHOP.', '[actions] (Show card)'].join('\n'))
  })

  it('an import of an unpinned tag warns (cards.md 7, row 23)', () => {
    const answer = importedAnswer('shop', { build: 'B', release: 'R', base: null, warnings: [{ kind: 'tag_not_pinned', service: 'web', reference: 'shop:1.4.2' }] })
    expect(drawn(answer.blocks)).toContain('⚠️ Warning: tag not pinned: `shop:1.4.2`. Another image may run later. Import again by digest.')
  })
})

describe('env', () => {
  it('is one KEY=**** per line, a value JSON-quoted only when it holds a newline (answers.md)', () => {
    expect(envLines([{ key: 'A', value: null }, { key: 'B', value: 'x y' }, { key: 'C', value: 'x\ny' }])).toBe('A=****\nB=x y\nC="x\\ny"')
    expect(drawn(envAnswer('shop', { release: 'RA', env: [{ key: 'A', value: null }] }).blocks)).toBe(`${fenced('A=****')}\n[context] Release \`RA\``)
  })
  it('of an app without one says how to begin (cards.md 5)', () => {
    expect(drawn(envAnswer('shop', { release: null, env: [] }).blocks)).toBe('no env for `shop` yet\n`/convox env set KEY=value -a shop`')
  })
  it('shows one value exactly, back-ticks and all', () => {
    expect(drawn(envValueAnswer('shop', 'A', 'a`b & <c>').blocks)).toContain(fenced('a`b & <c>'))
  })
})

describe('apps', () => {
  it('are APP, STATUS, RELEASE (answers.md)', () => {
    expect(appsTable([{ app: 'myapp', status: 'running', release: 'RBCDEFGHIJ' }, { app: 'new', status: 'running', release: null }])).toBe('APP    STATUS   RELEASE\nmyapp  running  RBCDEFGHIJ\nnew    running')
  })
  it.each([[true, '`/convox apps create shop`'], [false, 'Ask an admin.']])('that do not exist yet: may create %s (cards.md 5)', (may, next) => {
    expect(drawn(appsAnswer(empty, list('apps', null), may).blocks)).toBe(`no apps yet\n${next}`)
  })
  it('info has Name, Status, Locked, Release, then the params (answers.md)', () => {
    const params = { channel: 'C1', approvals: 1, approvers: [cy], deadline: 600, stability: 30, expiry: 3600 }
    expect(appInfoText({ app: 'shop', status: 'running', release: RP, namespace: 'convox-shop', params, moving: null, waiting: 0 }, { ...names, C1: 'shop-releases' })).toBe([
      'Name       shop', 'Status     running', 'Locked     false', `Release    ${RP}`, 'channel    #shop-releases', 'approvals  1', 'approvers  @cy', 'deadline   10m', 'stability  30s', 'expiry     1h',
    ].join('\n'))
    expect(paramsText(params)).toContain('channel    #C1')
  })
})

describe('builds, processes, promotions', () => {
  it('builds are as in convox.md 2', () => {
    expect(buildsTable([{ id: 'BA', status: 'complete', release: 'RA', started: ago(65), elapsedSeconds: 3, description: 'image shop:1' }], now)).toBe('ID  STATUS    RELEASE  STARTED       ELAPSED  DESCRIPTION\nBA  complete  RA       1 minute ago  3s       image shop:1')
  })
  it('processes are as in convox.md 2', () => {
    expect(processesTable([{ id: 'web-1', service: 'web', status: 'running', release: 'RA', started: ago(3700), command: 'bin/web' }], now)).toBe('ID     SERVICE  STATUS   RELEASE  STARTED     COMMAND\nweb-1  web      running  RA       1 hour ago  bin/web')
  })
  it('promotions say who, from, to, approvals, result, duration and reason (issue 3, section 3)', () => {
    const row = { id: 'PA', kind: 'promote', status: 'rolled_back', release: R, from: RP, requester: ana, requestedAt: ago(65), startedAt: ago(60), finishedAt: ago(47), approvals: 1, approvalsNeeded: 1, cause: crash, ended: null } as const
    expect(promotionsTable([row], now, names)).toBe([
      'ID  RELEASE      FROM         STATUS       REQUESTED', '  BY    APPROVALS  TOOK  REASON',
      `PA  ${R}  ${RP}  rolled back  1 minute ago`, '  @ana  1 of 1     13s   web crashed at start (exit 1)',
    ].join('\n'))
    expect(promotionInfoText(byStatus.rolled_back)).toContain('Reason     web crashed at start (exit 1)')
  })
  it('promotions name who ended one, and why', () => {
    const row = { id: 'PA', kind: 'promote', release: R, from: RP, requester: ana, requestedAt: ago(65), startedAt: null, finishedAt: ago(47), approvals: 0, approvalsNeeded: 1 } as const
    const rows = [
      { ...row, status: 'rejected', cause: null, ended: { by: bo, reason: 'wait for\nthe migration' } },
      { ...row, status: 'cancelled', cause: null, ended: { by: ana, reason: null } },
      { ...row, status: 'rolled_back', cause: { rule: 'cancelled', kind: 'cancelled', by: cy, firstSeen: crash.firstSeen }, ended: null },
    ] as const
    expect(promotionsTable(rows, now, names).replaceAll('\n  ', '  ').split('\n').slice(1).map((line) => line.split('0 of 1  ')[1]?.trim())).toEqual([
      'rejected by @bo: wait for the migration', 'cancelled by @ana', 'cancelled by cy',
    ])
    expect(peopleIn(rows)).toEqual([ana, bo, ana, ana, ana, cy])
  })
  it.each([
    [buildsAnswer(empty, list('builds'), now), 'no builds for `shop` yet\nStart with `/convox builds import-image <image> -a shop`'],
    [promotionsAnswer(empty, list('promotions'), now), 'no promotions for `shop` yet\nStart one with `/convox releases promote -a shop`'],
    [processesAnswer('shop', [], now), 'no processes of `shop`\nSee `/convox releases -a shop`'],
  ])('that do not exist yet say so (cards.md 5): %#', (answer, text) => {
    expect(drawn(answer.blocks)).toBe(text)
  })
})

describe('times', () => {
  it.each([[0, 'now'], [5, '5 seconds ago'], [37, '37 seconds ago'], [119, '1 minute ago'], [359, '5 minutes ago'], [7199, '1 hour ago'], [2 * 604_800, '2 weeks ago'], [90 * 86_400, '3 months ago']])('an age of %i s is %s, rounded down (answers.md, seeds)', (seconds, text) => {
    expect(age(ago(seconds), now)).toBe(text)
  })
  it.each([[0, '0 s', '0s'], [21, '21 s', '21s'], [100, '1 min 40 s', '1m40s'], [600, '10 min', '10m'], [3600, '1 h', '1h']])('%i s is written %s, in tables %s (cards.md 1.3)', (seconds, long, short) => {
    expect(duration(seconds)).toBe(long)
    expect(shortDuration(seconds)).toBe(short)
  })
})

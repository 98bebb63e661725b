import { describe, expect, it } from 'vitest'
import { auditFile } from '../../src/bot/audit-file.ts'
import { auditTable } from '../../src/bot/messages/audit-answers.ts'
import type { AuditRow } from '../../src/rack/audit.ts'

const row: AuditRow = {
  id: 7, at: new Date('2026-11-24T14:02:00.123Z'), rack: 'prod', app: 'shop', actor: 'U0BO', team: 'T1', action: 'promotion.reject', promotionId: 'PABCDEFGHIJ', digest: 'd1',
  channel: 'C0SHOP', ts: '1764.0001', decision: 'rejected', reason: 'wait for the migration', result: 'rejected', delivery: 'env-1', detail: {},
}
const bare: AuditRow = {
  ...row, id: 8, app: null, actor: 'system', team: null, action: 'audit.export', promotionId: null, digest: null, channel: null, ts: null, decision: null, reason: null, result: null, delivery: null,
  detail: { rows: 3, since: null, keys: ['A', 'B'] },
}

const header = '"id","at","rack","app","actor","team","action","promotion","digest","channel","ts","decision","reason","result","delivery","detail"'

describe('the audit as CSV', () => {
  it('has a header, a line for each row that ends in CR LF, and every column', () => {
    expect(auditFile([row, bare], 'csv')).toBe([
      header,
      '"7","2026-11-24T14:02:00.123Z","prod","shop","U0BO","T1","promotion.reject","PABCDEFGHIJ","d1","C0SHOP","1764.0001","rejected","wait for the migration","rejected","env-1","{}"',
      '"8","2026-11-24T14:02:00.123Z","prod",,"system",,"audit.export",,,,,,,,,"{""rows"":3,""since"":null,""keys"":[""A"",""B""]}"',
      '',
    ].join('\r\n'))
  })

  it.each([
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['+1', `"'+1"`],
    ['-1+1', `"'-1+1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['\r=1', `"'\r=1"`],
    ['two\nlines, and a "quote"', '"two\nlines, and a ""quote"""'],
  ])('lets a spreadsheet run no reason: %j', (reason, cell) => {
    expect(auditFile([{ ...row, reason }], 'csv')).toContain(`"rejected",${cell},"rejected"`)
  })

  it('is a header alone when nothing was done', () => {
    expect(auditFile([], 'csv')).toBe(`${header}\r\n`)
  })
})

describe('the audit as JSON', () => {
  it('is an array with every column', () => {
    const [first, second]: unknown[] = JSON.parse(auditFile([row, bare], 'json'))
    expect(first).toEqual({
      id: 7, at: '2026-11-24T14:02:00.123Z', rack: 'prod', app: 'shop', actor: 'U0BO', team: 'T1', action: 'promotion.reject', promotion: 'PABCDEFGHIJ', digest: 'd1',
      channel: 'C0SHOP', ts: '1764.0001', decision: 'rejected', reason: 'wait for the migration', result: 'rejected', delivery: 'env-1', detail: {},
    })
    expect(second).toMatchObject({ app: null, detail: { rows: 3, keys: ['A', 'B'] } })
  })
})

it('is a list of who did what, to which promotion, how it ended and why', () => {
  expect(auditTable([row, { ...bare, detail: { added: ['FOO'], removed: [], base: null } }], { U0BO: 'bo' })).toBe([
    'WHEN                  WHO      WHAT              APP',
    '  PROMOTION    RESULT    REASON                  DETAIL',
    '2026-11-24T14:02:00Z  @bo      promotion.reject  shop',
    '  PABCDEFGHIJ  rejected  wait for the migration',
    '2026-11-24T14:02:00Z  the bot  audit.export',
    '                                                 added=FOO',
  ].join('\n'))
})

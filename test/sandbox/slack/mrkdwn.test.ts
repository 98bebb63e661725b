import { describe, expect, it } from 'vitest'
import { parseMrkdwn, type Piece } from '../../../sandbox/slack/mrkdwn.ts'
import { mentionsIn, plainMrkdwn } from '../../../sandbox/slack/plain-text.ts'

const text = (value: string): Piece => ({ kind: 'text', text: value })

describe('mrkdwn', () => {
  it.each<[string, Piece[]]>([
    ['*a b*', [{ kind: 'bold', children: [text('a b')] }]],
    ['a*b*c', [text('a*b*c')]],
    ['2 * 3 * 4', [text('2 * 3 * 4')]],
    ['_a_ ~b~', [{ kind: 'italic', children: [text('a')] }, text(' '), { kind: 'strike', children: [text('b')] }]],
    ['*Why* `web` exits', [{ kind: 'bold', children: [text('Why')] }, text(' '), { kind: 'code', text: 'web' }, text(' exits')]],
    ['*Rolled back: `shop` runs.*', [{ kind: 'bold', children: [text('Rolled back: '), { kind: 'code', text: 'shop' }, text(' runs.')] }]],
    ['`a *b* &lt;c&gt;`', [{ kind: 'code', text: 'a *b* <c>' }]],
    ['snake_case_name', [text('snake_case_name')]],
    ['```a\nb```', [{ kind: 'pre', text: 'a\nb' }]],
    ['x\n```a```\ny', [text('x'), { kind: 'pre', text: 'a' }, text('y')]],
    ['```open', [text('```open')]],
    ['&gt; a\n&gt; b\nc', [{ kind: 'quote', children: [text('a'), { kind: 'break' }, text('b')] }, { kind: 'break' }, text('c')]],
    ['<https://a.test/?x=1&amp;y=2|a &lt; b>', [{ kind: 'link', url: 'https://a.test/?x=1&y=2', label: 'a < b' }]],
    [
      '<@U1> <@U2|bo> <#C1|general>',
      [{ kind: 'user', id: 'U1' }, text(' '), { kind: 'user', id: 'U2', label: 'bo' }, text(' '), { kind: 'channel', id: 'C1', label: 'general' }],
    ],
    ['<!channel>', [{ kind: 'broadcast', range: 'channel' }]],
    ['<!date^1800000000^{time}|14:05 UTC>', [{ kind: 'date', seconds: 1_800_000_000, format: '{time}', fallback: '14:05 UTC' }]],
    [':rocket: at 10:30:00', [{ kind: 'emoji', name: 'rocket' }, text(' at 10:30:00')]],
    ['<javascript:alert(1)|x>', [text('<javascript:alert(1)|x>')]],
  ])('reads %j', (source, pieces) => {
    expect(parseMrkdwn(source)).toEqual(pieces)
  })

  it('reads as plain text with names and the fallback of dates', () => {
    const names = { user: (id: string) => id.toLowerCase(), channel: (id: string) => id.toLowerCase() }
    expect(plainMrkdwn('*hi* <@U1> in <#C1> at <!date^1^{time}|00:00 UTC> :rocket: :unknown_one:', names)).toBe('hi @u1 in #c1 at 00:00 UTC 🚀 :unknown_one:')
  })

  it('finds whom a message mentions, but not what is escaped', () => {
    expect([...mentionsIn({ text: '<@U1> &lt;!here&gt;', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '<@U2|bo> <!everyone>' } }] })]).toEqual([
      'U1',
      'U2',
      'everyone',
    ])
  })
})

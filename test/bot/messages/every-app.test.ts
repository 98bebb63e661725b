import { describe, expect, it } from 'vitest'
import { appAnnouncement } from '../../../src/bot/messages/app-announcement.ts'
import { freezeAddedAnswer, freezeRemovedAnswer, freezesAnswer, freezesTable } from '../../../src/bot/messages/gate-answers.ts'
import type { FreezeRow } from '../../../src/rack/operations.ts'
import { drawn } from './support/seen.ts'
import { at, cy, iso, names } from './support/views.ts'

const freeze: FreezeRow = {
  id: 'FKWQZTVNPLA', app: null, cron: '0 18 * * 5', seconds: 223_200, zone: 'Europe/Paris', reason: 'weekend', frozen: null, next: at('18:00:00'),
}
const added = { kind: 'freeze_added', by: cy, reason: 'weekend', everyApp: true, cron: '0 18 * * 5', seconds: 223_200, zone: 'Europe/Paris', now: true, next: iso('18:00:00') } as const
const removed = { kind: 'freeze_removed', by: cy, reason: 'weekend', everyApp: true } as const

describe.each([
  ['the only rack', { rack: 'convox', severalRacks: false }, 'every app', 'Every app of the rack', 'no freezes of the whole rack', 'shop'],
  ['one of several racks', { rack: 'prod', severalRacks: true }, 'every app on prod', 'Every app on prod', 'no freezes of the whole rack prod', 'shop on prod'],
] as const)('a freeze of %s', (_which, where, every, whole, none, shop) => {
  const bare = (text: string): string => text.replaceAll('`', '')

  it('is told to every channel with the rack where there are several', () => {
    const about = { app: 'shop', ...where }
    expect(appAnnouncement(added, about, names).text).toMatch(new RegExp(`^Frozen: ${every} "weekend" by cy, `))
    expect(appAnnouncement(removed, about, names).text).toMatch(new RegExp(`^Not frozen any more: ${every} cy removed `))
    expect(bare(drawn(appAnnouncement(added, about, names).blocks))).toContain(`*Frozen: ${every}*`)
    expect(appAnnouncement({ ...added, everyApp: false }, about, names).text).toMatch(new RegExp(`^Frozen: ${shop} "weekend"`))
  })

  it('is answered with the rack where there are several', () => {
    expect(freezeAddedAnswer(freeze, where).text).toMatch(new RegExp(`^${whole} is frozen "weekend"`))
    expect(freezeAddedAnswer({ ...freeze, app: 'shop' }, where).text).toMatch(new RegExp(`^${shop} is frozen "weekend"`))
    expect(freezeRemovedAnswer(freeze, where).text).toMatch(new RegExp(`^The freeze "weekend" of ${every} is removed`))
    expect(freezeRemovedAnswer({ ...freeze, app: 'shop' }, where).text).toMatch(new RegExp(`^The freeze "weekend" of ${shop} is removed`))
  })

  it('is listed with the rack where there are several', () => {
    expect(freezesTable([freeze], where).replaceAll(/\s+/gu, ' ')).toContain(`FKWQZTVNPLA ${every} 0 18 * * 5`)
    expect(bare(drawn(freezesAnswer(null, [], where).blocks))).toContain(none)
  })
})

import { randomBytes, randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertApp } from '../../../src/db/apps.ts'
import { openEmbedded, type Database } from '../../../src/db/client.ts'
import { insertPromotion } from '../../../src/db/promotions.ts'
import { addRecordingPart, recordingParts } from '../../../src/db/recordings.ts'
import { insertRelease } from '../../../src/db/releases.ts'
import { newId } from '../../../src/rack/ids.ts'
import { partsToDrop, recordingLimit } from '../../../src/rack/recorder/bound.ts'
import { recordingText } from '../../../src/rack/recorder/recording-text.ts'
import { freshDatabase } from '../../support/database.ts'

describe.each(['postgres', 'embedded'] as const)('a recording in the %s database', (kind) => {
  let database: Database
  let drop: () => Promise<void> = async () => {}
  beforeAll(async () => {
    if (kind === 'embedded') database = await openEmbedded(null)
    else {
      const fresh = await freshDatabase()
      database = await fresh.open()
      drop = fresh.drop
    }
  })
  afterAll(async () => {
    await database.close()
    await drop()
  })

  const promotion = async (): Promise<string> => {
    const [release, id, app] = [newId('R'), newId('P'), `shop-${randomUUID().slice(0, 8)}`]
    await insertApp(database.db, { rack: 'convox', name: app, namespace: `convox-${app}`, createdBy: 'U1' })
    await insertRelease(database.db, { id: release, rack: 'convox', app, buildId: null, env: '', description: '', origin: 'env', createdBy: 'U1' })
    await insertPromotion(database.db, {
      id, rack: 'convox', app, kind: 'promote', status: 'queued', releaseId: release, requester: 'U1', approvalsNeeded: 0, approvers: [], digest: 'd', digestKeyId: 'a', digestParts: {},
      deadlineSeconds: 600, stabilitySeconds: 30, change: {}, warnings: [],
    })
    return id
  }
  const part = (promotionId: string, segment: string, text: string) => ({ id: randomUUID(), promotionId, segment, chunk: gzipSync(text), lines: 1, firstAt: new Date(), lastAt: new Date() })

  it('comes back as it was written, once, however often a part was tried', async () => {
    const id = await promotion()
    const first = part(id, 'a', '{"at":1}\n')
    await addRecordingPart(database.db, first, partsToDrop)
    await addRecordingPart(database.db, first, partsToDrop)
    await addRecordingPart(database.db, part(id, 'a', '{"at":2}\n'), partsToDrop)
    expect(await recordingText(await recordingParts(database.db, id))).toBe('{"at":1}\n{"at":2}\n')
  })

  it('never grows over its limit: the beginning and the end stay, and what went is said', async () => {
    const id = await promotion()
    for (let segment = 0; segment < 30; segment += 1) {
      await addRecordingPart(database.db, part(id, String(segment), `${JSON.stringify({ segment, noise: randomBytes(12_000).toString('base64') })}\n`), partsToDrop)
      const sizes = (await recordingParts(database.db, id)).map(({ size }) => size)
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(recordingLimit)
    }
    const lines = (await recordingText(await recordingParts(database.db, id))).trimEnd().split('\n')
    expect([lines[0], lines.at(-1)].map((line) => line?.slice(0, 13))).toEqual(['{"segment":0,', '{"segment":29'])
    expect(lines.filter((line) => line.includes('"dropped"'))).toEqual([expect.stringMatching(/^\{"at":"[^"]+","dropped":\{"lines":1\d,"until":"[^"]+"\}\}$/)])
  })
})

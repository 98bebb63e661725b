import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { shopManifest } from '../../support/world.ts'
import { quickImport, runningApp } from './quick-app.ts'
import { startProcess, type SlipwayProcess } from './slipway-process.ts'
import { startStage, type Stage } from './stage.ts'

describe('a process that ends while a promotion waits or moves', () => {
  let stage: Stage
  let child: SlipwayProcess
  let later: string[]

  /** By the promotion in their blocks' ids: a card that went back names another release in its header. */
  const cardsOf = async (release: string): Promise<Message[]> => {
    const ids = (await stage.rows(`select id from promotions where release_id = '${release}'`)).map((row) => String(row['id']))
    return stage.world.slack.messages(stage.channel).filter((message) => message.thread === undefined && ids.some((id) => message.blocks?.[0]?.block_id?.startsWith(id)))
  }

  beforeAll(async () => {
    stage = await startStage()
    const { world } = stage
    await runningApp(world, { app: 'shop', channel: stage.channel, manifest: shopManifest })
    later = [await quickImport(world, 'shop', '1.5.0'), await quickImport(world, 'shop', '1.4.1')]
    await world.stop()
    child = await startProcess(world.environment, null, inject('slipwayBundle'))
  }, 60_000)
  afterAll(async () => {
    await child.kill()
    await stage.close()
  })

  it('keeps a request waiting through it, votes and all', async () => {
    const { world } = stage
    await stage.ask(stage.bo, '/convox apps params set approvals=1 -a shop', /./s)
    const release = later[0] ?? ''
    await stage.promoteAnyway(release)
    const card = await stage.card(new RegExp(`^Waiting for approval: .*${release}`))
    await child.kill()
    child = await startProcess(world.environment, null, inject('slipwayBundle'))
    expect(await stage.click(stage.dee, card, 'Approve')).toContain(`You approved ${release} for shop: 1 of 1.`)
    const done = await stage.card(new RegExp(`^Succeeded: ${release} `), 20_000)
    expect(done.ts).toBe(card.ts)
    expect(await cardsOf(release)).toHaveLength(1)
  }, 60_000)

  it('has one owner and one card with a second replica, which takes over at once when the first one is stopped', async () => {
    const { world } = stage
    await stage.ask(stage.bo, '/convox apps params set approvals=0 stability=12s -a shop', /./s)
    const second = await startProcess({ ...world.environment, INSTANCE_ID: 'second' }, null, inject('slipwayBundle'))
    try {
      const release = later[1] ?? ''
      await stage.promoteAnyway(release)
      const moving = await world.slack.until(async () => (await stage.rows(`select lease_owner, epoch from promotions where release_id = '${release}' and step = 'stability'`))[0], 20_000)
      expect(['sandbox', 'second']).toContain(moving['lease_owner'])
      const [owner, other] = moving['lease_owner'] === 'second' ? [second, child] : [child, second]
      expect(await owner.terminate()).toBe(0)
      const next = await world.slack.until(async () => (await stage.rows(`select lease_owner, epoch from promotions where release_id = '${release}' and lease_owner is not null and lease_owner <> '${String(moving['lease_owner'])}'`))[0])
      expect(Number(next['epoch'])).toBeGreaterThan(Number(moving['epoch']))
      const card = await stage.card(new RegExp(`^Succeeded: ${release} `), 25_000)
      await stage.lastWord(card, /^```\nOK\n```/)
      expect(await cardsOf(release)).toHaveLength(1)
      const lines = stage.thread(card).split('\n').filter((line) => /^\d{4}-/.test(line))
      expect(lines).toEqual([...new Set(lines)])
      if (other === second) child = await startProcess(world.environment, null, inject('slipwayBundle'))
    } finally {
      await second.kill()
    }
  }, 60_000)
})

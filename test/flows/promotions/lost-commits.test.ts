import { expect, it } from 'vitest'
import { shopManifest } from '../../support/world.ts'
import { openLossyGate } from './lossy-gate.ts'
import { cardOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage } from './stage.ts'

it('says nothing twice when the answers to its commits are lost', async () => {
  const stage = await startStage()
  const url = new URL(stage.world.databaseUrl)
  const gate = await openLossyGate(Number(url.port))
  url.port = String(gate.port)
  try {
    await stage.world.stop()
    await stage.world.start({ DATABASE_URL: url.toString() })
    const back = await runningApp(stage.world, { app: 'shop', channel: stage.channel, manifest: shopManifest })
    const release = await quickImport(stage.world, 'shop', 'crash')
    await quickPromote(stage.world, 'shop')
    await stage.world.slack.until(async () => ((await stage.newest())['status'] === 'rolling_out' ? true : undefined))
    gate.lose(4)
    const card = await cardOf(stage.world, stage.channel, new RegExp(`^Rolled back: .*${release}`))
    await stage.lastWord(card, new RegExp(`ERROR: rolled back to ${back}`), 20_000)
    expect(gate.lost()).toBeGreaterThanOrEqual(2)
    const lines = stage.thread(card).split('\n').filter((line) => /^\d{4}-/.test(line))
    expect(lines).toEqual([...new Set(lines)])
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Error', 'Error => Rollback', 'Rollback => Reverted'])
    expect(stage.world.slack.thread(card).filter((message) => message.broadcast)).toHaveLength(1)
  } finally {
    await stage.close()
    await gate.close()
  }
}, 60_000)

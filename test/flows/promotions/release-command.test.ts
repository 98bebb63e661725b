import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shopManifest } from '../../support/world.ts'
import { cardOf, channelFor, channelsOf, quickApp, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['migrated', 'unmigrated', 'stays', 'stopped', 'firstrun', 'overdue'] as const
const withCommand = `${shopManifest}release:\n  service: web\n  command: bin/migrate --all\n  deadline: 120\n`

describe('the release command', () => {
  let stage: Stage
  const here = (app: string): string => channelFor(app).id
  const running = (app: string): Promise<string> => runningApp(stage.world, { app, channel: here(app) })
  const jobs = (app: string) => stage.world.cluster.list('jobs.batch', `convox-${app}`)
  const web = (app: string): string => JSON.stringify(stage.world.cluster.get('deployments.apps', `convox-${app}`, 'web')?.['spec'] ?? null)

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf(apps) },
    })
  })
  afterAll(() => stage.close())

  it('runs once, from the new image under its env, before any service moves; its output is in the thread', async () => {
    await running('migrated')
    const release = await quickImport(stage.world, 'migrated', '1.4.1', withCommand)
    const before = web('migrated')
    const promotion = await quickPromote(stage.world, 'migrated')
    const job = await stage.world.slack.until(() => jobs('migrated')[0], 20_000)
    expect(job.metadata.name).toBe(`release-${promotion.toLowerCase()}`)
    expect(web('migrated')).toBe(before)
    const text = JSON.stringify(job)
    expect(text).toContain('shop:1.4.1@sha256:')
    expect(text).toContain(`env-${release.toLowerCase()}-web`)
    expect(text).toContain('["bin/migrate","--all"]')
    const card = await cardOf(stage.world, here('migrated'), new RegExp(`^Succeeded: ${release}`))
    await stage.lastWord(card, /\bOK\b/)
    const lines = stage.lines(card)
    expect(lines.filter((line) => line.startsWith(`release/release-${promotion.toLowerCase()}-`)).length).toBeGreaterThan(0)
    expect(lines.findIndex((line) => line.startsWith('release/'))).toBeLessThan(lines.indexOf('system/k8s/atom/app Status: Pending => Updating'))
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Updating', 'Updating => Running'])
    expect(await stage.rows(`select step from promotion_steps where promotion_id = '${promotion}' order by started_at`)).toEqual(
      ['dry_run', 'release_job', 'apply', 'services', 'stability', 'prune'].map((step) => ({ step })))
    await stage.world.slack.until(() => (jobs('migrated').length === 0 ? true : undefined))
  }, 60_000)

  it('that fails fails the promotion, with its last lines, and no service was touched', async () => {
    const back = await running('unmigrated')
    const before = web('unmigrated')
    const release = await quickImport(stage.world, 'unmigrated', 'crash', withCommand)
    await quickPromote(stage.world, 'unmigrated')
    const card = await cardOf(stage.world, here('unmigrated'), /^Failed: /)
    expect(card.text).toContain('release command failed (exit 1)')
    const notice = await stage.lastWord(card, /ERROR: no service was touched/)
    expect(notice.broadcast).toBe(true)
    const shown = stage.shown(notice)
    expect(shown).toContain('The release command bin/migrate --all failed with exit 1; no service was touched.')
    expect(shown).toContain(`Running now ${back}, no service was touched; what the command did stays`)
    expect(shown).toContain('Error: DATABASE_URL is not set')
    expect(shown).toContain(`ERROR: no service was touched: release command failed (exit 1); ${back} is running`)
    expect(stage.statuses(card)).toEqual(['Running => Pending', 'Pending => Error'])
    expect(web('unmigrated')).toBe(before)
    expect(release).not.toBe(back)
    // Kept for people to look at, until a release succeeds.
    expect(jobs('unmigrated')).toHaveLength(1)
    await quickImport(stage.world, 'unmigrated', '1.4.1', shopManifest)
    await quickPromote(stage.world, 'unmigrated')
    await cardOf(stage.world, here('unmigrated'), /^Succeeded: (?!.*1\.4\.0)/)
    await stage.world.slack.until(() => (jobs('unmigrated').length === 0 ? true : undefined))
  }, 60_000)

  it('is not undone by a rollback after it, which says so', async () => {
    const back = await running('stays')
    await quickImport(stage.world, 'stays', 'badimage', shopManifest)
    await quickImport(stage.world, 'stays', 'notready', `${shopManifest.replace(/port: 5000/, 'port: 5000\n    health: /check')}release:\n  service: web\n  command: bin/migrate\n`)
    await quickPromote(stage.world, 'stays')
    const card = await cardOf(stage.world, here('stays'), /^Rolled back: /, 60_000)
    const notice = await stage.lastWord(card, /ERROR: rolled back/)
    expect(stage.shown(notice)).toContain('What the release command did stays.')
    expect(web('stays')).toContain(back)
  }, 90_000)

  it('is stopped and removed by a cancel', async () => {
    const back = await running('stopped')
    await quickImport(stage.world, 'stopped', 'notready', withCommand)
    const promotion = await quickPromote(stage.world, 'stopped')
    await stage.world.slack.until(() => jobs('stopped')[0], 20_000)
    const moving = await cardOf(stage.world, here('stopped'), /^Rolling out: /)
    await stage.world.slack.until(() => (stage.shown(moving).includes('● release command since') ? true : undefined))
    await stage.ana.click(moving, 'Cancel and roll back')
    const card = await cardOf(stage.world, here('stopped'), /^Rolled back: /)
    await stage.lastWord(card, new RegExp(`ERROR: cancelled by @ana; ${back} is running`))
    expect(jobs('stopped')).toEqual([])
    expect(await stage.rows(`select status from promotions where id = '${promotion}'`)).toEqual([{ status: 'rolled_back' }])
  }, 60_000)

  it('that runs out of its own deadline is ended and fails the promotion, and no service was touched', async () => {
    const back = await running('overdue')
    const before = web('overdue')
    await quickImport(stage.world, 'overdue', 'missingvolume', withCommand.replace('deadline: 120', 'deadline: 4'))
    const promotion = await quickPromote(stage.world, 'overdue')
    const card = await cardOf(stage.world, here('overdue'), /^Failed: /)
    expect(card.text).toContain('release command timed out after 4 s')
    const notice = await stage.lastWord(card, /ERROR: no service was touched/)
    expect(stage.shown(notice)).toContain('The release command bin/migrate --all was stopped after 4 s; no service was touched.')
    expect(stage.shown(notice)).toContain(`ERROR: no service was touched: release command timed out after 4 s; ${back} is running`)
    expect(await stage.newest('overdue')).toMatchObject({ id: promotion, status: 'failed', cause: { kind: 'release_command_failed', deadline: 4 } })
    // The Job that has ended is kept for people; what it ran is not.
    expect(jobs('overdue').map(({ status }) => JSON.stringify(status))).toEqual([expect.stringContaining('DeadlineExceeded')])
    await stage.world.slack.until(() => (stage.world.cluster.list('pods', 'convox-overdue').some(({ metadata }) => metadata.name.startsWith('release-')) ? undefined : true))
    expect(web('overdue')).toBe(before)
  }, 60_000)

  it('of a first release fails it before anything runs', async () => {
    await quickApp(stage.world, { app: 'firstrun', channel: here('firstrun') })
    await quickImport(stage.world, 'firstrun', 'crash', withCommand)
    await quickPromote(stage.world, 'firstrun')
    const card = await cardOf(stage.world, here('firstrun'), /^Failed: /)
    await stage.lastWord(card, /ERROR: no service was touched: release command failed \(exit 1\); nothing is running/)
    expect(stage.world.cluster.list('deployments.apps', 'convox-firstrun')).toEqual([])
  }, 60_000)
})

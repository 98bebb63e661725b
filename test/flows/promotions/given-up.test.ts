import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cardOf, channelFor, channelsOf, quickImport, quickPromote, runningApp } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['faulty', 'broken', 'unbegun'] as const

describe('a promotion that stops on the same error of ours again and again', () => {
  let stage: Stage
  const here = (app: string): string => channelFor(app).id
  const running = (app: string): Promise<string> => runningApp(stage.world, { app, channel: here(app) })
  /** The database refuses this step of this app's promotions for good. */
  const refuse = async (app: string, step: string): Promise<void> => {
    await stage.rows(`create function refuse_${app}() returns trigger language plpgsql as $$ begin
      if new.step = '${step}' and exists (select 1 from promotions where id = new.promotion_id and app = '${app}') then
        raise exception 'no such step here' using errcode = '23514';
      end if;
      return new; end $$`)
    await stage.rows(`create trigger refuse_${app} before insert on promotion_steps for each row execute function refuse_${app}()`)
  }

  beforeAll(async () => {
    stage = await startStage({
      slack: { channels: channelsOf(apps) },
    })
  })
  afterAll(() => stage.close())

  it('goes back, fails before any change, or has failed to go back: it ends, and the card names the id in the log', async () => {
    const [back, , before] = [await running('faulty'), await running('broken'), await running('unbegun')]
    await refuse('faulty', 'services')
    await refuse('broken', 'services_back')
    await refuse('unbegun', 'dry_run')
    for (const app of apps) {
      await quickImport(stage.world, app, app === 'broken' ? 'crash' : '1.4.1')
      await quickPromote(stage.world, app)
    }
    const faulty = await cardOf(stage.world, here('faulty'), /^Rolled back: /, 90_000)
    const ref = /\bid ([0-9a-f]{4})\b/.exec(stage.shown(await stage.lastWord(faulty, /ERROR: rolled back/)))?.[1]
    expect(stage.shown(faulty)).toContain(`Slipway could not go on with it, by an error of its own: id ${ref} in its log.`)
    expect(stage.world.logged()).toContain(`"ref":"${ref}"`)
    expect(JSON.stringify(stage.world.cluster.get('deployments.apps', 'convox-faulty', 'web')?.['spec'])).toContain(back)
    const broken = await cardOf(stage.world, here('broken'), /^Rollback FAILED: /, 90_000)
    await stage.lastWord(broken, /ERROR: rollback to R[A-Z]{10} failed: stopped by an error of Slipway/)
    const unbegun = await cardOf(stage.world, here('unbegun'), /^Failed: /, 90_000)
    await stage.lastWord(unbegun, new RegExp(`ERROR: nothing changed: stopped by an error of Slipway; ${before} is running`))
  }, 180_000)
})

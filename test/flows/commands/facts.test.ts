import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replayText } from '../../../src/rack/recorder/replay.ts'
import { createShop, importFirst } from '../../support/story.ts'
import { startScene, type Scene } from './scene.ts'

/** Long enough to be hidden wherever it stands; the shop's image says it when it crashes. */
const secret = 'correct-horse-battery'

describe('what the judge saw', () => {
  let scene: Scene
  let good = ''
  let failed = ''
  beforeAll(async () => {
    scene = await startScene()
    await createShop(scene)
    await scene.say(scene.ana, `/convox env set TOKEN=${secret} FOO=bar`)
    const release = await importFirst(scene)
    await scene.say(scene.ana, '/convox releases promote')
    await scene.card(new RegExp(`^Succeeded: ${release} `), 20_000)
    await scene.ana.command(scene.channel, `/convox deploy ${scene.world.shop}:crash`)
    await scene.card(/^Rolled back: /, 20_000)
    const ids = await scene.world.slack.until(async () => {
      const rows = await scene.rows("select p.id from promotions p where finished_at is not null and exists (select 1 from recordings where promotion_id = p.id) order by seq")
      return rows.length === 2 ? rows.map((row) => String(row['id'])) : undefined
    })
    good = ids[0] ?? ''
    failed = ids[1] ?? ''
  }, 90_000)
  afterAll(() => scene.close())

  const fileOf = async (promotion: string): Promise<{ text: string; to: string | undefined }> => {
    const answer = await scene.say(scene.ana, `/convox promotions info ${promotion.toLowerCase()} --facts`)
    expect(answer.text).toBe(`What the judge of \`${promotion}\` saw is a file in your direct messages.\nJudge it again: \`npm run judge -- ${promotion}.jsonl\``)
    const file = await scene.world.slack.until(() => scene.world.slack.workspace.files().find(({ name, completed }) => name === `${promotion}.jsonl` && completed))
    return { text: Buffer.from(file.content ?? '', 'base64').toString(), to: scene.world.slack.workspace.channels().find(({ id }) => id === file.channels[0])?.im }
  }

  it('comes as a file to a deployer, from which the judge says again why it was rolled back, and that the way back is proven', async () => {
    const { text, to } = await fileOf(failed)
    expect(to).toBe('U0ANA')
    const { entries } = replayText(text)
    expect(entries.filter((entry) => entry.kind === 'differs')).toEqual([])
    const changes = entries.filter((entry) => entry.kind === 'verdict')
    const [decided] = changes.filter((change) => change.verdict.kind === 'failed')
    const [row] = await scene.rows(`select cause from promotions where id = '${failed}'`)
    // Both services run the image that crashes: which is first, and whether the other one is seen in the same look, is chance.
    const [cause] = decided?.verdict.kind === 'failed' ? decided.verdict.causes : []
    expect(cause).toMatchObject({ rule: 'crash-loop', process: expect.stringMatching(/^(web|worker)-/) })
    expect(row?.['cause']).toMatchObject({ rule: 'crash-loop', service: cause?.service, process: cause?.process })
    expect(changes.at(-1)).toMatchObject({ direction: 'back', verdict: { kind: 'complete' } })
    expect(text).not.toContain(secret)
    expect(text).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20))
  })

  it('shows a good promotion complete, and still so through its stability window', async () => {
    const { entries } = replayText((await fileOf(good)).text)
    expect(entries.filter((entry) => entry.kind === 'differs')).toEqual([])
    const changes = entries.filter((entry) => entry.kind === 'verdict')
    expect(changes.map((change) => [change.direction, change.verdict.kind]).at(-1)).toEqual(['out', 'complete'])
    expect(changes.every((change) => change.verdict.kind !== 'failed')).toBe(true)
  })

  it('is refused to viewers, and written down', async () => {
    expect((await scene.say(scene.cy, `/convox promotions info ${failed} --facts`)).text).toBe('You are a viewer here; seeing what the judge saw needs a deployer.\nAsk an admin: @bo.\nref ‹ref›')
    expect(await scene.rows("select distinct actor, promotion_id from audit where action = 'promotion.facts' order by promotion_id")).toEqual([good, failed].sort().map((id) => ({ actor: 'U0ANA', promotion_id: id })))
  })

  it('is forgotten after 30 days, and says so', async () => {
    // The task that the clock runs once an hour.
    const forget = async (): Promise<void> => scene.world.slipway().tasks.find(({ name }) => name === 'forget old recordings')?.run()
    await scene.rows(`update recordings set written_at = now() - interval '29 days' where promotion_id = '${failed}'`)
    await forget()
    await fileOf(failed)
    await scene.rows(`update recordings set written_at = now() - interval '31 days' where promotion_id = '${failed}'`)
    await forget()
    expect((await scene.say(scene.ana, `/convox promotions info ${failed} --facts`)).text)
      .toBe(`No facts of \`${failed}\` are kept: it moved nothing, or more than 30 days ago.\nSee \`/convox promotions info ${failed} -a shop\``)
  })
})

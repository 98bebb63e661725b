import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createShop, importFirst } from '../../support/story.ts'
import { idIn, startScene, type Scene } from './scene.ts'

const secret = 'correct-horse-battery'

describe('audit', () => {
  let scene: Scene
  let release: string
  /** The files that bo got, by name. */
  const fileOf = (name: string): Promise<string> => scene.world.slack.until(() => {
    const file = scene.world.slack.workspace.files().findLast((one) => one.name === name && one.completed)
    return file === undefined ? undefined : Buffer.from(file.content ?? '', 'base64').toString()
  })
  const lines = (text: string): string[] => text.replaceAll('\n  ', ' ').split('\n').filter((line) => /^\d{4}-/.test(line)).map((line) => line.replace(/^\S+ +/, ''))

  beforeAll(async () => {
    scene = await startScene()
    await createShop(scene, 'approvals=1 stability=1s')
    release = await importFirst(scene)
    await scene.say(scene.ana, `/convox env set TOKEN=${secret}`)
    await scene.say(scene.ana, '/convox env get TOKEN')
    await scene.say(scene.ana, `/convox releases promote ${release}`)
    const card = await scene.card(new RegExp(`^Waiting for approval: .*${release}`))
    const form = await scene.form(scene.bo, () => scene.bo.click(card, 'Reject'))
    await scene.after(scene.bo, () => scene.bo.submit(form, { Reason: '=1+1, not before the migration' }))
    await scene.card(/^Rejected: /)
    await scene.say(scene.ana, `/convox releases promote ${release}`)
    const again = await scene.card(new RegExp(`^Waiting for approval: .*${release}`))
    await scene.click(scene.bo, again, 'Approve')
    await scene.card(/^Succeeded: /, 30_000)
  })
  afterAll(() => scene.close())

  it('is for admins alone', async () => {
    expect((await scene.say(scene.ana, '/convox audit')).text).toBe('You are an approver here; reading the audit needs an admin.\nAsk an admin: @bo.\nref ‹ref›')
    expect((await scene.say(scene.cy, '/convox audit --export json')).text).toContain('reading the audit needs an admin.')
    expect(await scene.rows("select 1 from audit where action = 'audit.export'")).toEqual([])
  })

  it('says who did what, newest first, with decision, reason and result', async () => {
    const { text } = await scene.say(scene.bo, '/convox audit -a shop')
    const told = lines(text)
    const promotion = /P[A-Z]{10}/.source
    expect(told[0]).toMatch(new RegExp(`^the bot +promotion\\.succeed +shop +${promotion} +succeeded +release=${release}$`))
    expect(told.find((line) => line.includes('promotion.approve'))).toMatch(new RegExp(`^@bo +promotion\\.approve +shop +${promotion} +approved +have=1 need=1$`))
    expect(told.find((line) => line.includes('promotion.reject'))).toMatch(new RegExp(`^@bo +promotion\\.reject +shop +${promotion} +rejected +=1\\+1, not before the migration$`))
    expect(told.find((line) => line.includes('env.change'))).toMatch(/^@ana +env\.change +shop +base=R[A-Z]{10} added=TOKEN release=R[A-Z]{10}$/)
    expect(told.find((line) => line.includes('env.reveal'))).toMatch(/what=TOKEN release=R[A-Z]{10}$/)
    expect(told.at(-1)).toMatch(/^@bo +app\.create +shop /)
  })

  it('keeps where each was said, by which delivery and on what', async () => {
    const [request] = await scene.rows("select actor, team, channel, delivery, digest, decision from audit where action = 'promotion.promote' order by id limit 1")
    expect(request).toEqual({ actor: 'U0ANA', team: expect.stringMatching(/^T/), channel: scene.channel, delivery: expect.stringMatching(/./), digest: expect.stringMatching(/./), decision: 'requested' })
    const card = await scene.card(/^Succeeded: /)
    const [vote] = await scene.rows("select actor, channel, ts, digest, decision from audit where action = 'promotion.approve'")
    const [asked] = await scene.rows("select digest from audit where action = 'promotion.promote' order by id desc limit 1")
    expect(vote).toEqual({ actor: 'U0BO', channel: scene.channel, ts: card.ts, digest: asked?.['digest'], decision: 'approved' })
    const no = await scene.card(/^Rejected: /)
    const [rejection] = await scene.rows("select actor, channel, ts, decision from audit where action = 'promotion.reject'")
    expect(rejection).toEqual({ actor: 'U0BO', channel: scene.channel, ts: no.ts, decision: 'rejected' })
    const [end] = await scene.rows("select actor, result, digest from audit where action = 'promotion.succeed'")
    expect(end).toEqual({ actor: 'system', result: 'succeeded', digest: asked?.['digest'] })
  })

  it('has pages', async () => {
    const first = await scene.say(scene.bo, '/convox audit --limit 3')
    expect([lines(first.text).length, first.buttons]).toEqual([3, ['Older']])
    // What is done meanwhile shifts nothing.
    await scene.say(scene.ana, '/convox env get TOKEN')
    await scene.bo.click(first.message, 'Older')
    const older = await scene.world.slack.until(() => scene.bo.ephemerals(scene.channel).find(({ ts, blocks }) => ts === first.message.ts && JSON.stringify(blocks).includes('Newer')))
    const actions = (await scene.rows('select action from audit order by id desc')).map((row) => String(row['action']))
    expect([...JSON.stringify(older.blocks).matchAll(/Z {2}(?:@\w+|the bot) +(\S+)/g)].map(([, action]) => action)).toEqual(actions.slice(4, 7))
  })

  it.each(['--export', '--export csv', '--since 7d --export=CSV'])('is a CSV file by direct message: %s', async (flags) => {
    expect((await scene.say(scene.bo, `/convox audit -a shop ${flags}`)).text).toMatch(/^The audit of `shop`( since ‹[^›]+›)?, \d+ rows, is a file in your direct messages\.$/)
    const text = await fileOf('audit-shop.csv')
    expect(text.split('\r\n')[0]).toMatch(/^"id","at","rack","app","actor",/)
    expect(text).toContain(`"rejected","'=1+1, not before the migration","rejected"`)
  })

  it('is a JSON file, and each export is written down', async () => {
    await scene.say(scene.bo, '/convox audit --export json')
    const rows: unknown[] = JSON.parse(await fileOf('audit-convox.json'))
    expect(rows.at(-1)).toMatchObject({ action: 'app.create', app: 'shop', actor: 'U0BO' })
    expect(await scene.rows("select distinct actor from audit where action = 'audit.export'")).toEqual([{ actor: 'U0BO' }])
  })

  it.each([['<@U0BO|bo>'], ['U0BO']])('tells of one person alone: --by %s', async (person) => {
    const { text } = await scene.say(scene.bo, `/convox audit -a shop --by ${person} --limit 100`)
    expect(text).toContain('`shop` by @bo, newest first')
    expect(text).toContain('`/convox audit -a shop --by U0BO --export`')
    const who = [...new Set(lines(text).map((line) => line.split(' ')[0]))]
    expect(who).toEqual(['@bo'])
    expect(lines(text).at(-1)).toMatch(/^@bo +app\.create /)
    expect((await scene.say(scene.bo, '/convox audit -a shop --by U0NOBODY')).text).toContain('Nothing was done on `shop` by @U0NOBODY.')
  })

  it('is a file of one person, which the audit of it names', async () => {
    expect((await scene.say(scene.bo, '/convox audit -a shop --by <@U0ANA> --export json')).text).toMatch(/^The audit of `shop` by @ana, \d+ rows, is a file in your direct messages\.$/)
    const rows: unknown = JSON.parse(await fileOf('audit-shop-U0ANA.json'))
    const own = await scene.rows("select id from audit where app = 'shop' and actor = 'U0ANA' order by id desc")
    expect(rows).toEqual(own.map(({ id }) => expect.objectContaining({ id: Number(id), actor: 'U0ANA' })))
    expect(await scene.rows("select detail->>'by' as by from audit where action = 'audit.export' order by id desc limit 1")).toEqual([{ by: 'U0ANA' }])
  })

  it('says who was not allowed to do what (reference/slack.md 7, audit)', async () => {
    const fresh = idIn((await scene.say(scene.ana, '/convox env set LOG_LEVEL=debug -a shop')).text)
    await scene.say(scene.ana, `/convox releases promote ${fresh} -a shop`)
    const own = await scene.card(new RegExp(`^Waiting for approval: .*${fresh}`))
    await scene.click(scene.ana, own, 'Approve')
    await scene.say(scene.cy, '/convox env get TOKEN')
    // A click and a command are handled side by side.
    const refused = () => scene.rows("select actor, app, action, decision, result from audit where decision = 'refused' and action in ('refused.getEnv', 'refused.approve') order by actor desc")
    await scene.world.slack.until(async () => (await refused()).length === 2)
    expect(await refused()).toEqual([
      { actor: 'U0CY', app: 'shop', action: 'refused.getEnv', decision: 'refused', result: 'forbidden' },
      { actor: 'U0ANA', app: 'shop', action: 'refused.approve', decision: 'refused', result: 'own_request' },
    ])
    await scene.cy.click(own, 'Reject')
    const rejecting = await scene.world.slack.until(async () => (await scene.rows("select actor, app, channel, ts, result from audit where action = 'refused.reject'"))[0])
    expect(rejecting).toEqual({ actor: 'U0CY', app: 'shop', channel: scene.channel, ts: own.ts, result: 'forbidden' })
    await scene.click(scene.ana, own, 'Cancel request')
  })

  it.each([
    ['env edit -a Shop', 'changeEnv'],
    ['env set', 'changeEnv'],
    ['releases create-from', 'createFrom'],
    ['builds import-image shop:1 --manifest', 'importImage'],
    ['apps delete Shop', 'deleteApp'],
  ])('says who was not allowed to open the form of %s', async (command, operation) => {
    expect((await scene.say(scene.cy, `/convox ${command}`)).text).toMatch(/^You are a viewer here; /)
    const [row] = await scene.rows('select actor, app, action, decision, result, channel, delivery from audit order by id desc limit 1')
    expect(row).toEqual({
      actor: 'U0CY', app: 'shop', action: `refused.${operation}`, decision: 'refused', result: 'forbidden', channel: scene.channel, delivery: expect.stringMatching(/./),
    })
  })

  it('never holds a value', async () => {
    expect(JSON.stringify(await scene.rows('select * from audit'))).not.toContain(secret)
  })

  it.each([
    ['audit --since 0d', 'Not a duration: `0d`.'],
    ['audit --export xml', '`--export` needs a value: `<csv|json>`'],
    ['audit -a shpo', '`app not found: shpo`\nDid you mean `shop`?'],
  ])('refuses %s', async (command, says) => {
    expect((await scene.say(scene.bo, `/convox ${command}`)).text).toContain(says)
  })

  it('goes on after the app is gone', async () => {
    await scene.say(scene.bo, '/convox apps delete shop --confirm shop')
    const told = lines((await scene.say(scene.bo, '/convox audit -a shop --limit 100')).text)
    expect(told[0]).toMatch(/^@bo +app\.delete +shop /)
    expect(told.at(-1)).toMatch(/app\.create/)
    expect((await scene.say(scene.bo, '/convox audit -a shop --since 1s')).text).not.toContain('app not found')
  })
})

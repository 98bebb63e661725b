import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createShop, importFirst } from '../../support/story.ts'
import { newRelease, startStage, type Stage } from './stage.ts'

/** Every one is 8 characters or more, so that none may be taken for an ordinary word. */
const values = {
  DATABASE_URL: 'postgres://app:s3cr3t-of-the-shop@db.internal:5432/shop',
  QUOTED: 'a"quoted"<value>&more\'of it\\',
  PEM: '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n9w0BAQEFAASCBKcwggSj\n-----END KEY-----',
  EDITED: 'only-in-the-modal-7251',
  TOKEN: 'token-of-the-shop-93ab41',
} as const

const base64Of = (value: string): string[] => {
  // A value in the middle of something encoded starts at one of three alignments; the characters at the edges depend on the neighbours.
  const bytes = Buffer.from(value)
  return [0, 1, 2].map((pad) => {
    const text = Buffer.concat([Buffer.alloc(pad), bytes]).toString('base64').replaceAll('=', '')
    return text.slice(pad === 0 ? 0 : pad + 1, -2)
  })
}

const escapedForSlack = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const inJson = (value: string): string => JSON.stringify(value).slice(1, -1)

/** Every form in which a value could lie about. Lines of their own are looked for when they are long enough to mean something. */
const formsOf = (value: string): string[] => {
  const parts = [value, ...value.split('\n').filter((line) => line.length >= 16)]
  return [...new Set(parts.flatMap((part) => [
    part, inJson(part), inJson(inJson(part)), encodeURIComponent(part), new URLSearchParams({ v: part }).toString().slice(2), escapedForSlack(part), inJson(escapedForSlack(part)),
    Buffer.from(part).toString('hex'), ...base64Of(part), ...base64Of(part).map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ]))]
}

const found = (haystack: string): string[] => Object.entries(values).flatMap(([key, value]) => formsOf(value).filter((form) => form.length >= 8 && haystack.includes(form)).map((form) => `${key}: ${form}`))

describe('env values', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
    await createShop(stage, 'approvals=0 stability=0s')
    const first = await importFirst(stage)
    await stage.ana.command(stage.channel, `/convox releases promote ${first} -a shop`)
    await stage.card(/^Succeeded: /, 20_000)
    await newRelease(stage, `TOKEN=${values.TOKEN}`)
  })
  afterAll(() => stage.close())

  /** Neither in a table, nor in the log, nor in what the bot sent, nor in a message, whisper or view as it is kept. */
  const expectNowhere = async (): Promise<void> => {
    const { world, ana } = stage
    const tables = await stage.rows(`select table_name from information_schema.tables where table_schema = 'public'`)
    expect(tables.length).toBeGreaterThan(12)
    for (const { table_name: table } of tables) {
      const rows = await stage.rows(`select t::text as row from "${String(table)}" t`)
      expect({ table, found: found(rows.map((row) => String(row['row'])).join('\n')) }).toEqual({ table, found: [] })
    }
    expect(found(world.logged())).toEqual([])
    expect(found(JSON.stringify(world.slack.requests()))).toEqual([])
    const seen = world.slack.workspace.channels().flatMap((one) => [...world.slack.messages(one.id), ...world.slack.workspace.ephemerals(one.id)])
    expect(seen.length).toBeGreaterThan(8)
    expect(found(JSON.stringify(seen))).toEqual([])
    expect(found(JSON.stringify([ana.openView(), stage.bo.openView()]))).toEqual([])
  }

  it('are found in every form by this test itself', () => {
    for (const [key, value] of Object.entries(values)) {
      for (const hidden of [value, Buffer.from(`x${value}y`).toString('base64'), Buffer.from(`xy${value}z`).toString('base64'), JSON.stringify({ value }), encodeURIComponent(value)]) {
        expect(found(`before ${hidden} after`).some((hit) => hit.startsWith(key))).toBe(true)
      }
    }
  })

  it('stand neither in the database, nor in the log, nor anywhere in Slack, after env set, the modal, a promote and a process that prints them all', async () => {
    const { world, ana, channel } = stage
    await stage.ask(ana, `/convox env set DATABASE_URL=${values.DATABASE_URL} -a shop`, /Release: +R/)
    await ana.command(channel, '/convox env edit -a shop')
    const view = await world.slack.until(() => [ana.openView()].find((one) => one?.body.blocks.some((block) => block.type === 'input')))
    await ana.submit(view, { set: `EDITED=${values.EDITED}\nQUOTED=${values.QUOTED}`, key: 'PEM', value: values.PEM, release_only: ['release_only'] })
    const made = await world.slack.until(async () => (await stage.rows(`select id from releases where description like '%EDITED%' and description like '%PEM%'`))[0])
    await ana.command(channel, `/convox releases promote ${String(made['id'])} -a shop`)
    const good = await stage.card(new RegExp(`^Succeeded: ${String(made['id'])}`), 20_000)
    await stage.lastWord(good, /\bOK\b/)
    // The cluster's Secret is the one place where they have to be.
    const secret = world.cluster.get('secrets', 'convox-shop', `env-${String(made['id']).toLowerCase()}-web`)
    expect(secret).toMatchObject({ immutable: true, data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')])) })

    await ana.command(channel, `/convox deploy ${world.shop}:leak -a shop`)
    const card = await stage.card(/^Rolled back: /, 30_000)
    const notice = await stage.lastWord(card, /ERROR: rolled back to/)
    expect(stage.shown(notice)).toContain('Error: cannot connect')
    await stage.ask(ana, '/convox env -a shop', /DATABASE_URL/)
    await stage.ask(ana, '/convox releases -a shop', /R[A-Z]{10}/)
    await stage.ask(ana, `/convox promotions info ${String((await stage.newest())['id'])} -a shop`, /R[A-Z]{10}/)

    await expectNowhere()
  }, 60_000)

  it('stand nowhere either when somebody types one as a commit message, a description, or the reason of a lock, a freeze or a rejection', async () => {
    const { world, ana, bo, channel } = stage
    const typed = (what: string): string => `${what} ${values.TOKEN} or ${Buffer.from(values.TOKEN).toString('base64')} ${what}`
    const hidden = (what: string): string => `${what} **** or **** ${what}`
    await stage.ask(ana, `/convox builds import-image ${world.shop}:1.4.0 --git-sha a1b2c3d4 --message "${typed('committed')}" -a shop`, /Release: +R/)
    await stage.ask(ana, `/convox builds import-image ${world.shop}:1.4.0 --description "${typed('described')}" -a shop`, /Release: +R/)
    for (const table of ['builds', 'releases']) {
      expect(await stage.rows(`select description from ${table} where app = 'shop' and (description like 'build a1b2c3d4%' or description like 'described%') order by description`))
        .toEqual([{ description: `build a1b2c3d4 ${hidden('committed')}` }, { description: hidden('described') }])
    }

    await stage.ask(bo, `/convox apps lock shop --reason "${typed('locked')}"`, /./s)
    await stage.ask(bo, '/convox apps unlock shop', /./s)
    await stage.ask(bo, `/convox apps freeze add shop --cron "0 18 1 1 *" --for 1h --reason "${typed('frozen')}"`, /frozen/)
    await stage.ask(bo, `/convox rack freeze add --cron "0 18 1 1 *" --for 1h --reason "${typed('all')}"`, /frozen/)
    await stage.ask(bo, '/convox apps params set approvals=1 -a shop', /./s)
    const newest = String((await stage.rows(`select id from releases where app = 'shop' order by seq desc limit 1`))[0]?.['id'])
    await ana.command(channel, `/convox releases promote ${newest} -a shop`)
    await ana.click(await stage.card(new RegExp(`^Waiting for approval: .*${newest}`)), 'Show diff')
    await world.slack.until(() => [ana.openView()].find((one) => one !== undefined && JSON.stringify(one.body).includes('described')))
    await bo.click(await stage.card(new RegExp(`^Waiting for approval: .*${newest}`)), 'Reject')
    const view = await world.slack.until(() => [bo.openView()].find((one) => one?.body.blocks.some((block) => block.type === 'input')))
    await bo.submit(view, { Reason: typed('rejected') })
    await stage.lastWord(await stage.card(new RegExp(`^Rejected: .*${newest}`)), /ERROR: rejected by @bo: rejected/)
    const told = await stage.rows(`select action, reason from audit where app = 'shop' and reason is not null or action = 'freeze.add' order by id`)
    expect(told).toEqual([
      { action: 'app.lock', reason: hidden('locked') }, { action: 'app.unlock', reason: hidden('locked') }, { action: 'freeze.add', reason: hidden('frozen') },
      { action: 'freeze.add', reason: hidden('all') }, { action: 'promotion.reject', reason: hidden('rejected') },
    ])

    for (const command of ['releases -a shop', 'builds -a shop', `releases info ${newest} -a shop`, 'apps info shop', 'apps freezes shop', 'promotions -a shop']) {
      expect(await stage.ask(ana, `/convox ${command}`, /\*\*\*\*|not locked/)).toContain('****')
    }
    await expectNowhere()
  }, 60_000)
})

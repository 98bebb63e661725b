import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createShop, importFirst } from '../../support/story.ts'
import { shown } from '../../support/shown.ts'
import { channels } from '../../support/world.ts'
import { idIn, startScene, type Said, type Scene } from './scene.ts'

const bot = '<@UCONVOX01>'

describe('how it is typed', () => {
  let scene: Scene
  let first: string
  beforeAll(async () => {
    scene = await startScene()
    await createShop(scene, 'approvals=1 stability=1s')
    first = await importFirst(scene)
  })
  afterAll(() => scene.close())

  /** What stands in the channel, but for cards and threads: those are written when there is time, and carry metadata. */
  const spoken = () => scene.world.slack.messages(scene.channel).filter(({ metadata }) => metadata === undefined)
  const mention = async (text: string, thread?: string): Promise<Said | undefined> =>
    (await scene.after(scene.ana, () => Promise.resolve(scene.ana.say(scene.channel, `${bot} ${text}`, thread === undefined ? {} : { thread }))))[0]

  it.each([
    ['relases', 'releases', /^# Releases of shop\n/],
    ['releases promot', 'releases promote', /^Promoting R/],
    ['promote', 'releases promote', /^Promoting R/],
    ['rollback FIRST', 'releases rollback', /^Rolling back to R/],
    ['rollback', 'help releases rollback', /^\/convox releases rollback <id>[^\n]*\n/],
    ['releases FIRST', 'releases info', /^Id {11}R/],
    ['env FOO', 'env get', /^`env not found: FOO`/],
    ['pods', 'ps', /^no processes of `shop`/],
    ['app', 'apps', /^APP {3}STATUS/],
    ['buidls', 'builds', /^ID {11}STATUS/],
    ['promotion', 'promotions', /^ID {11}RELEASE/],
    ['history', 'releases', /^# Releases of shop\n/],
  ])('understands %s, or offers %s as a button that runs', async (typed, meant, runs) => {
    const said = await scene.say(scene.ana, `/convox ${typed.replace('FIRST', first)}`)
    if (!said.text.startsWith('Unknown command:')) return expect(said.text).toMatch(runs)
    expect(said.text).toMatch(/^Unknown command: `[^`]+`\. Did you mean:\n\(/)
    expect(said.text.endsWith('\nref ‹ref›')).toBe(true)
    expect(said.buttons).toContain(meant)
    expect(said.buttons.length).toBeLessThanOrEqual(3)
    expect((await scene.click(scene.ana, said.message, meant)).text).toMatch(runs)
  })

  it('says where help is when nothing is near (cards.md 5, Did you mean)', async () => {
    expect((await scene.say(scene.ana, '/convox xyzzy plugh')).text).toBe('Unknown command: `xyzzy plugh`.\nType `/convox help`.\nref ‹ref›')
  })

  it('offers the nearest flag as a button that runs, and lists the others (cards.md 7, row 4)', async () => {
    const said = await scene.say(scene.ana, '/convox env set FLAGGED=1 --promot')
    expect(said.text).toBe('Unknown flag: `--promot`\nDid you mean `--promote`? `env set` knows `--promote`, `--replace`, `--release`.\n(--promote)\nref ‹ref›')
    expect((await scene.click(scene.ana, said.message, '--promote')).text)
      .toMatch(/^Setting FLAGGED\.\.\. OK\nRelease: R[A-Z]{10}\nBase: R[A-Z]{10}\nPromoting R[A-Z]{10}\.\.\. waiting for approval \(0 of 1\)\n/)
    expect((await scene.say(scene.ana, '/convox apps --colour')).text).toBe('Unknown flag: `--colour`\n`apps` knows `--limit`.\nref ‹ref›')
  })

  it.each([
    ['a long dash for two', `releases —text —limit 5`],
    ['a short dash for two', `releases –text –limit=5`],
    ['no-break spaces', `releases\u00a0--text\u00a0-a\u00a0shop`],
    ['a capital first letter', 'Releases --Text'],
    ['the command twice', 'convox releases --text'],
    ['flags in front', '--text -a shop releases'],
    ['-a=shop', 'releases --text -a=shop'],
    ['--app=SHOP', 'releases --text --app=SHOP'],
    ['-r with the only rack', 'releases --text -r convox'],
  ])('reads %s as what it stands for (design 6)', async (_, typed) => {
    expect((await scene.say(scene.cy, `/convox ${typed}`)).text).toMatch(/^ID {11}STATUS {2}BUILD /)
  })

  it('reads ids as people paste them', async () => {
    for (const typed of [`\`${first}\``, `“${first}”`, `${first}.`, first.toLowerCase(), `'${first}'`]) {
      expect((await scene.say(scene.cy, `/convox releases info ${typed}`)).text).toMatch(new RegExp(`^Id           ${first}\n`))
    }
  })

  it("keeps curly quotes as quotes where a word begins, never after a value's first =", async () => {
    expect((await scene.say(scene.ana, `/convox builds import-image ${scene.world.shop}:1.4.0 -d “two words”`)).text).toMatch(/^Creating build\.\.\. OK/)
    expect((await scene.say(scene.cy, '/convox releases --limit 1')).text).toContain('\ntwo words (Promote)')
  })

  it('names the rack there is when another one is asked for', async () => {
    const said = await scene.say(scene.cy, '/convox releases --text -r prod')
    expect(said.text).toBe('`rack not found: prod`\nRacks: `convox`.\n(convox)\nref ‹ref›')
    expect((await scene.click(scene.cy, said.message, 'convox')).text).toMatch(/^ID {11}STATUS/)
  })

  it('finds the app by -a, by the channel, and offers the nearest one (cards.md 7, row 1)', async () => {
    const said = await scene.say(scene.cy, '/convox releases --text -a shpo')
    expect(said.text).toBe('`app not found: shpo`\nDid you mean `shop`? All: `/convox apps`\n(shop)\nref ‹ref›')
    expect((await scene.click(scene.cy, said.message, 'shop')).text).toMatch(/^ID {11}STATUS/)
    expect((await scene.say(scene.cy, '/convox apps info nothinglike')).text).toBe('`app not found: nothinglike`\nAll: `/convox apps`\nref ‹ref›')
  })

  it('asks which app where the channel belongs to none (cards.md 7, row 6)', async () => {
    const said = await scene.say(scene.cy, '/convox releases --text', { in: channels.general.id })
    expect(said.text).toBe('This channel belongs to no app.\nAdd `-a <app>`, such as `/convox releases -a shop --limit 20`\n(shop)\nref ‹ref›')
    expect((await scene.click(scene.cy, said.message, 'shop', { in: channels.general.id })).text).toMatch(/^ID {11}STATUS/)
  })

  it('asks which app where the channel belongs to two (cards.md 7, row 6)', async () => {
    await scene.say(scene.bo, '/convox apps create mail')
    const said = await scene.say(scene.cy, '/convox releases --text')
    expect(said.text).toBe('This channel belongs to `mail` and `shop`.\nChoose one, or add `-a`.\n(mail) (shop)\nref ‹ref›')
    expect((await scene.click(scene.cy, said.message, 'mail')).text).toMatch(/^no releases for `mail` yet\n/)
    expect((await scene.say(scene.cy, '/convox releases --text -a shop')).text).toMatch(/^ID {11}STATUS/)
    await scene.say(scene.bo, '/convox apps delete mail --confirm mail')
  })

  it('says what is next when nothing is typed, by role (cards.md 5, Nothing typed)', async () => {
    expect((await scene.say(scene.cy, '/convox')).text).toBe('What next for `shop`?\n(Releases) (Processes) (Help)')
    const ana = await scene.say(scene.ana, '/convox')
    // She has asked for all that waits: nothing of it waits for her.
    await scene.say(scene.ana, '/convox releases promote')
    expect(ana.text).toBe('What next for `shop`?\n(Releases) (Promote newest) (Help)')
    const bo = await scene.say(scene.bo, '/convox')
    expect(bo.text).toMatch(/^What next for `shop`\?\n\(Waiting for me: \d+\) \(Releases\) \(Promote newest\)\nAlso: `apps create`, `apps params`, `audit`$/)
    expect((await scene.click(scene.bo, bo.message, bo.buttons[0] ?? '')).text).toMatch(/^ID {11}RELEASE|^The card of `R[A-Z]{10}`/)
    expect((await scene.click(scene.ana, ana.message, 'Help')).text).toMatch(/^# Commands\n/)
  })

  it('keeps a question for 15 minutes (cards.md 5, Did you mean)', async () => {
    const said = await scene.say(scene.cy, '/convox relases')
    await scene.rows("update questions set expires_at = now() - interval '1 second'")
    expect((await scene.click(scene.cy, said.message, 'releases')).text).toBe('This question is too old.\nType the command again.\nref ‹ref›')
  })

  it('answers a mention as the command, to its author alone, in a thread too (design 6)', async () => {
    const before = spoken().length
    expect((await mention('releases --text'))?.text).toMatch(/^ID {11}STATUS/)
    const card = await scene.card(/^Waiting for approval: /)
    const inThread = await mention('releases info ' + first, card.ts)
    expect(inThread?.text).toMatch(/^Id {11}R/)
    expect(inThread?.message.thread).toBe(card.ts)
    expect((await mention('relases'))?.buttons).toEqual(['releases'])
    expect((await mention(''))?.text).toMatch(/^What next for `shop`\?/)
    expect(spoken()).toHaveLength(before + 4)
  })

  it('refuses a mention with env values unread, with a button for the form (cards.md 7, row 33; design 6)', async () => {
    const before = await scene.counted()
    const said = await mention('env set SECRET=hunter2hunter2')
    expect(said?.text)
      .toBe('This stands in the channel, so its values were not read.\nDelete that message, then use Edit environment.\n(Edit environment)\nref ‹ref›')
    expect(await scene.counted()).toBe(before)
    const message = said?.message
    if (message === undefined) throw new Error('nothing was answered')
    const form = await scene.form(scene.ana, () => scene.ana.click(message, 'Edit environment'))
    expect(form.body).toMatchObject({ title: { text: 'Edit environment' } })
    await scene.ana.closeView(form)
    expect((await mention('env set "SECRET=hunter2hunter2'))?.text).toMatch(/^This stands in the channel, so its values were not read\./)
    expect((await mention('SECRET=hunter2hunter2'))?.text).toMatch(/^This stands in the channel, so its values were not read\./)
    expect(scene.world.logged()).not.toContain('hunter2')
    // Params and images are no secrets.
    expect((await mention(`builds import-image web=${scene.world.shop}:1.4.1 worker=${scene.world.shop}:1.4.1`))?.text).toMatch(/^Creating build\.\.\. OK/)
  })

  it('has a button where a mention would open a form, because a mention has no trigger', async () => {
    const said = await mention('env edit')
    expect(said?.text).toBe('Slack opens a window only right after a click or a slash command.\nClick or type it again.\n(env edit)\nref ‹ref›')
    const message = said?.message
    if (message === undefined) throw new Error('nothing was answered')
    const form = await scene.form(scene.ana, () => scene.ana.click(message, 'env edit'))
    await scene.ana.closeView(form)
  })

  it('has the same button when the trigger was too old for Slack', async () => {
    scene.world.slack.fail('views.open', { error: 'expired_trigger_id' })
    const said = await scene.say(scene.ana, '/convox releases create-from')
    expect(said.text).toBe('Slack opens a window only right after a click or a slash command.\nClick or type it again.\n(releases create-from)\nref ‹ref›')
    const form = await scene.form(scene.ana, () => scene.ana.click(said.message, 'releases create-from'))
    await scene.ana.closeView(form)
  })

  it('sends what is too long for an answer as a file by direct message (design 6)', async () => {
    const keys = Array.from({ length: 200 }, (_, at) => `A_RATHER_LONG_KEY_OF_THE_ENVIRONMENT_${String(at).padStart(3, '0')}`)
    await scene.say(scene.ana, `/convox env set ${keys.map((key) => `${key}=x`).join(' ')}`)
    expect((await scene.say(scene.cy, '/convox env')).text).toMatch(/^All 20\d lines are a file in your direct messages\.\nRelease `R[A-Z]{10}`$/)
    const file = await scene.world.slack.until(() => scene.world.slack.workspace.files().find(({ name, completed }) => name === 'env.txt' && completed))
    const lines = Buffer.from(file.content ?? '', 'base64').toString().trimEnd().split('\n')
    expect(keys.every((key) => lines.includes(`${key}=****`))).toBe(true)
    expect(scene.world.slack.workspace.channels().find(({ id }) => id === file.channels[0])?.im).toBe('U0CY')
  })

  it('works in a direct message, where an app needs its channel named (design 6)', async () => {
    const direct = (who: 'ana' | 'bo'): string => {
      scene[who].openHome()
      return scene.world.slack.workspace.channels().find(({ im }) => im === (who === 'ana' ? 'U0ANA' : 'U0BO'))?.id ?? ''
    }
    const [ana, bo] = [direct('ana'), direct('bo')]
    expect((await scene.say(scene.ana, '/convox releases --text -a shop', { in: ana })).text).toMatch(/^ID {11}STATUS/)
    const which = await scene.say(scene.ana, '/convox releases --text', { in: ana })
    expect(which.buttons).toEqual(['shop'])
    expect((await scene.say(scene.bo, '/convox apps create letters', { in: bo })).text)
      .toBe("A direct message cannot be an app's channel.\nAdd one: `/convox apps create letters --channel #shop-releases`\nref ‹ref›")
    expect((await scene.say(scene.bo, '/convox apps create letters --channel #general', { in: bo })).text).toMatch(/^Creating letters\.\.\. OK\n/)
    const picked = await scene.say(scene.ana, '/convox', { in: ana })
    expect(picked.text).toBe('Which app?\n<static_select>')
    expect((await scene.click(scene.ana, picked.message, 'pick_app', { in: ana, option: 'shop' })).text).toMatch(/^What next for `shop`\?/)
    await scene.say(scene.bo, '/convox apps delete letters --confirm letters', { in: bo })
    // Written without a slash or a mention: everything there is addressed to the bot.
    const answered = async (text: string): Promise<string> => {
      const before = scene.world.slack.messages(ana).length
      scene.ana.say(ana, text)
      const answer = await scene.world.slack.until(() => scene.world.slack.messages(ana).slice(before).find(({ user }) => user !== 'U0ANA'))
      return shown(answer.blocks)
    }
    expect(await answered('releases --text -a shop')).toMatch(/^ID {11}STATUS/)
    expect(await answered(`${bot} releases --text -a shop`)).toMatch(/^ID {11}STATUS/)
    expect(await answered('hello')).toMatch(/^Unknown command: `hello`/)
    expect(await answered('env set SECRET=hunter2hunter2 -a shop')).toMatch(/so its values were not read\.\n/)
  })

  it('answers every command to its author alone, and ends every no in its reference (cards.md 5)', async () => {
    const before = spoken().length
    const made = idIn((await scene.say(scene.ana, '/convox env set LAST=1')).text)
    for (const command of [
      'help', 'help env set', 'apps', 'apps info', 'apps params', 'releases', 'releases --text',
      `releases info ${made}`, `releases manifest ${made}`, 'builds', 'env', 'env get LAST', 'promotions',
      'ps', 'releases info RX', 'nonsense', 'env set', 'releases create-from', 'deploy', 'apps cancel', 'apps create x', 'env set LAST=1', '--',
    ]) {
      const view = scene.ana.openView()
      if (['env set', 'releases create-from'].includes(command)) {
        await scene.ana.closeView(await scene.form(scene.ana, () => scene.ana.command(scene.channel, `/convox ${command}`)))
      } else {
        const { text } = await scene.say(scene.ana, `/convox ${command}`)
        if (/^`?(Unknown|You are|nothing would|release not found|Building|`shop` is not)/.test(text)) expect(text.endsWith('\nref ‹ref›')).toBe(true)
      }
      expect(view).toBeUndefined()
    }
    expect(spoken()).toHaveLength(before)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../../sandbox/slack/driver.ts'
import type { Person } from '../../../sandbox/slack/records.ts'
import { createShop, importFirst } from '../../support/story.ts'
import { shown } from '../../support/shown.ts'
import { people } from '../../support/world.ts'
import { startScene, type Scene } from './scene.ts'

const onlyMembers = 'Only full members of this workspace can use this.\nAsk one of your team.\nref ‹ref›'

describe('who may, and where', () => {
  let scene: Scene
  let first: string
  beforeAll(async () => {
    scene = await startScene()
    await createShop(scene)
    first = await importFirst(scene)
  })
  afterAll(() => scene.close())

  /** Somebody new in the app's channel. */
  const join = (person: Person): Actor => {
    const { workspace } = scene.world.slack
    workspace.putPerson(person)
    const channel = workspace.channel(scene.channel)
    if (channel === undefined) throw new Error('the channel is gone')
    workspace.putChannel({ ...channel, members: [...channel.members, person.id] })
    return scene.world.slack.as(person.id)
  }
  const open = (id: string, name: string, more: { private?: boolean; archived?: boolean; shared?: boolean; bot?: boolean } = {}): string => {
    const { bot = false, ...rest } = more
    scene.world.slack.workspace.putChannel({ id, name, members: [...Object.values(people).map((person) => person.id), ...(bot ? ['UCONVOX01'] : [])], ...rest })
    return id
  }

  it.each([
    ['promoting', 'releases promote'],
    ['rolling back', 'releases rollback RABCDEFGHIJ'],
    ['creating a release', 'releases create-from --use-active-release-build --use-active-release-env'],
    ['importing an image', 'builds import-image shop:1'],
    ['importing an image', 'deploy shop:1'],
    ['setting env', 'env set A=1'],
    ['setting env', 'env unset A'],
    ['setting env', 'env edit'],
    ['seeing env values', 'env get A'],
    ['cancelling', 'apps cancel'],
  ])('refuses %s to a viewer, who is told whom to ask: %s (cards.md 7, row 7)', async (what, command) => {
    const before = await scene.counted()
    expect((await scene.say(scene.cy, `/convox ${command}`)).text).toBe(`You are a viewer here; ${what} needs a deployer.\nAsk an admin: @bo.\nref ‹ref›`)
    expect(await scene.counted()).toBe(before)
  })

  it.each([
    ['creating an app', 'apps create other'],
    ['deleting an app', 'apps delete shop --confirm shop'],
    ['setting params', 'apps params set approvals=1'],
  ])('refuses %s to a viewer: %s', async (what, command) => {
    expect((await scene.say(scene.cy, `/convox ${command}`)).text).toBe(`You are a viewer here; ${what} needs an admin.\nAsk an admin: @bo.\nref ‹ref›`)
  })

  it('lets a viewer press nothing that changes anything', async () => {
    const before = await scene.counted()
    const list = await scene.say(scene.cy, '/convox releases')
    const asked = await scene.click(scene.cy, list.message, 'Promote')
    const said = asked.buttons.length === 0 ? asked : await scene.click(scene.cy, asked.message, 'Promote')
    expect(said.text).toBe('You are a viewer here; promoting needs a deployer.\nAsk an admin: @bo.\nref ‹ref›')
    expect(await scene.counted()).toBe(before)
  })

  it.each([
    ['a single-channel guest', { id: 'U0GUESTA', name: 'gus', guest: 'single_channel' }],
    ['a multi-channel guest', { id: 'U0GUESTB', name: 'gil', guest: 'multi_channel' }],
    ['a stranger from another company', { id: 'U0STRANGE', name: 'sid', stranger: true, teamId: 'T0OTHER' }],
    ['a member of another workspace', { id: 'U0FOREIGN', name: 'fay', teamId: 'T0OTHER' }],
  ] satisfies (readonly [string, Person])[])('refuses everything to %s (issue 3, 4; cards.md 7, row 8)', async (_, person) => {
    const who = join(person)
    const before = await scene.counted()
    for (const command of ['releases', 'help', `releases info ${first}`, 'releases promote', 'xyzzy', '']) {
      expect((await scene.say(who, `/convox ${command}`)).text).toBe(onlyMembers)
    }
    expect(await scene.counted()).toBe(before)
  })

  it('refuses somebody who is deactivated while the command is on its way', async () => {
    const dee = join({ id: 'U0GONE', name: 'dee' })
    const [said] = await scene.after(dee, () => {
      const typed = dee.command(scene.channel, '/convox releases promote')
      scene.world.slack.setPerson('U0GONE', { deactivated: true })
      return typed
    })
    expect(said?.text).toBe(onlyMembers)
  })

  it('does not listen to bots', async () => {
    const { workspace } = scene.world.slack
    workspace.putPerson({ id: 'U0ROBOT', name: 'robot', bot: true })
    expect(() => scene.world.slack.as('U0ROBOT').say(scene.channel, '<@UCONVOX01> releases promote')).toThrow('nobody here is U0ROBOT')
  })

  it('refuses in a channel that is shared with another company, and says where else (cards.md 7, row 9)', async () => {
    const shared = open('C0PARTNER', 'partner', { shared: true, bot: true })
    const before = await scene.counted()
    for (const command of ['releases -a shop', 'releases promote -a shop', 'help']) {
      expect((await scene.say(scene.ana, `/convox ${command}`, { in: shared })).text)
        .toBe('This channel is shared with another company, so nothing runs or shows here.\nUse a channel of your own, or write to me directly.\nref ‹ref›')
    }
    expect(await scene.counted()).toBe(before)
  })

  it('answers a slash command where the bot is not, and posts the card in the channel of the app', async () => {
    const elsewhere = open('C0ELSE', 'elsewhere')
    expect((await scene.say(scene.ana, '/convox releases --text -a shop', { in: elsewhere })).text).toMatch(/^ID {11}STATUS/)
    expect((await scene.say(scene.ana, '/convox relases', { in: elsewhere })).buttons).toEqual(['releases'])
    expect((await scene.say(scene.ana, '/convox releases promote -a shop', { in: elsewhere })).text)
      .toBe(`Promoting ${first}...\nThe card is in #shop-releases.\n(Show card)`)
    const card = await scene.card(new RegExp(`^Succeeded: ${first} `), 20_000)
    expect(shown(card.blocks)).toContain('\n✓ `web` 2 of 2 ready `██████████`\n✓ `worker` 1 of 1 ready `██████████`\n')
    expect(scene.world.slack.messages(elsewhere)).toEqual([])
    const form = await scene.form(scene.ana, () => scene.ana.command(elsewhere, '/convox env edit -a shop'))
    await scene.ana.submit(form, { 'Set or change': 'A=1', 'What happens': ['Create the release only'] })
    // A form has no answer of its own, and where the bot is not it can say nothing: it writes to the person.
    const direct = await scene.world.slack.until(() => scene.world.slack.workspace.channels().find(({ im }) => im === 'U0ANA'))
    const said = await scene.world.slack.until(() => scene.world.slack.messages(direct.id).at(-1))
    expect(shown(said.blocks)).toMatch(/^Setting A\.\.\. OK\n/)
  })

  it('joins a public channel that becomes the channel of an app', async () => {
    const ops = open('C0OPS', 'ops')
    expect((await scene.say(scene.bo, '/convox apps create ops', { in: ops })).text).toMatch(/^Creating ops\.\.\. OK\n/)
    await scene.world.slack.until(() => scene.world.slack.workspace.channel(ops)?.members.includes('UCONVOX01'))
  })

  it('says what to type where cards cannot go: a private, an archived and a shared channel (cards.md 7, rows 36 and 37)', async () => {
    const hidden = open('C0HIDDEN', 'hidden', { private: true })
    const [made, not] = await scene.after(scene.bo, () => scene.bo.command(hidden, '/convox apps create hidden'), { in: hidden, count: 2 })
    expect(made?.text).toMatch(/^Creating hidden\.\.\. OK\n/)
    expect(not?.text).toBe("I'm not in #C0HIDDEN.\nType `/invite @convox` there, then try again.\nref ‹ref›")
    open('C0OLD', 'old', { archived: true })
    const [, archived] = await scene.sayAll(scene.bo, '/convox apps params set channel=#old -a shop', 2)
    expect(archived?.text).toBe("I can't post in #C0OLD (archived).\nChoose another: `/convox apps params set channel=#x -a shop`\nref ‹ref›")
    const [, read] = await scene.sayAll(scene.bo, '/convox apps params set channel=#partner -a shop', 2)
    expect(read?.text).toMatch(/^#C0PARTNER is shared with another company, so cards don't go there\.\nChoose another: /)
    await scene.say(scene.bo, '/convox apps params set channel=#shop-releases -a shop')
  })

  it('says that it failed on our side, with a reference that the log has (cards.md 7, row 43)', async () => {
    scene.world.slack.fail('users.info', { error: 'internal_error', times: 50 })
    const eve = join({ id: 'U0EVE', name: 'eve' })
    const said = await scene.say(eve, '/convox releases')
    scene.world.slack.heal()
    expect(said.text)
      .toMatch(/^This failed on our side; the log has it\.\nTell the platform team: ref [0-9a-f]{4}\.\nref ‹ref›$/)
    const ref = /ref ([0-9a-f]{4})\./.exec(said.text)?.[1] ?? 'none'
    expect(scene.world.logged()).toMatch(new RegExp(`"ref":"${ref}".*"a delivery failed"`))
  })
})

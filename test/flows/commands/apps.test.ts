import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importFirst } from '../../support/story.ts'
import { startScene, type Scene } from './scene.ts'

const params = (changed: Partial<Record<'channel' | 'approvals' | 'approvers' | 'deadline' | 'stability' | 'expiry', string>> = {}): string => {
  const all = { channel: '#shop-releases', approvals: '1', approvers: '', deadline: '10m', stability: '30s', expiry: '1h', ...changed }
  return Object.entries(all).map(([name, value]) => `${name.padEnd(9)}  ${value}`.trimEnd()).join('\n')
}

describe('apps', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene.close())

  it('says that there are none yet, and to an admin how to get one (cards.md 5, Empty)', async () => {
    expect((await scene.say(scene.ana, '/convox apps')).text).toBe('no apps yet\nAsk an admin.')
    expect((await scene.say(scene.bo, '/convox apps')).text).toBe('no apps yet\n`/convox apps create shop`')
  })

  it('lets only an admin make one', async () => {
    const before = await scene.counted()
    expect((await scene.say(scene.ana, '/convox apps create shop')).text)
      .toBe('You are an approver here; creating an app needs an admin.\nAsk an admin: @bo.\nref ‹ref›')
    expect(await scene.counted()).toBe(before)
    expect(scene.world.cluster.list('namespaces').some(({ metadata }) => metadata.name === 'convox-shop')).toBe(false)
  })

  it.each([
    ['Sh_op', '`sh_op` cannot be an app\'s name: it must contain only lowercase alphanumeric and dashes, and begin with a letter.'],
    ['9shop', '`9shop` cannot be an app\'s name: it must contain only lowercase alphanumeric and dashes, and begin with a letter.'],
    ['convox', '`convox` cannot be an app\'s name: app name is reserved.'],
  ])('refuses the name %s', async (name, says) => {
    const before = await scene.counted()
    expect((await scene.say(scene.bo, `/convox apps create ${name}`)).text)
      .toBe(`${says}\nChoose another, of lower-case letters, digits and hyphens, such as \`shop\`.\nref ‹ref›`)
    expect(await scene.counted()).toBe(before)
  })

  it('refuses a name that makes a namespace too long', async () => {
    const { text } = await scene.say(scene.bo, `/convox apps create ${'a'.repeat(70)}`)
    expect(text).toMatch(/^`convox-a{40,}…?` is too long: .* has at most 63 characters\.\nChoose a shorter name\.\nref ‹ref›$/)
    expect(await scene.rows('select name from apps')).toEqual([])
  })

  it('leaves a namespace alone that is not ours, and nothing stays of the app (cards.md 7, row 29)', async () => {
    scene.world.cluster.put('namespaces', '', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'convox-taken' } })
    expect((await scene.say(scene.bo, '/convox apps create taken')).text)
      .toBe('Namespace `convox-taken` exists without our labels, so it is left alone.\nChoose another app name.\nref ‹ref›')
    expect(await scene.rows('select name from apps')).toEqual([])
  })

  it('makes the app, its namespace, and the channel it was typed in its channel', async () => {
    expect((await scene.say(scene.bo, '/convox apps create Shop')).text)
      .toBe('Creating shop... OK\nIts namespace is `convox-shop`, its channel #shop-releases.\nNext: `/convox builds import-image <image> --manifest -a shop`')
    const namespace = scene.world.cluster.get('namespaces', '', 'convox-shop')
    expect(namespace?.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'slipway', rack: 'convox', app: 'shop' })
    expect(await scene.rows('select name, namespace, namespace_uid from apps'))
      .toEqual([{ name: 'shop', namespace: 'convox-shop', namespace_uid: namespace?.metadata.uid }])
    expect(await scene.rows("select actor, action from audit where decision is distinct from 'refused'"))
      .toEqual([{ actor: scene.world.slack.workspace.people().find(({ name }) => name === 'bo')?.id, action: 'app.create' }])
  })

  it('refuses a second one of that name', async () => {
    expect((await scene.say(scene.bo, '/convox apps create shop')).text)
      .toBe('App `shop` exists already.\nSee `/convox apps info shop`, or choose another name.\nref ‹ref›')
  })

  it('takes another channel by --channel, and refuses a word that is none', async () => {
    expect((await scene.say(scene.bo, '/convox apps create mail --channel #general')).text).toContain('Its namespace is `convox-mail`, its channel #general.')
    expect((await scene.say(scene.bo, '/convox apps create post --channel nowhere')).text)
      .toBe("Not a channel: `nowhere`.\nWrite it as `#shop-releases`, chosen from Slack's own list.\nref ‹ref›")
    expect(await scene.rows("select app, value from app_params where name = 'channel' order by app"))
      .toEqual([{ app: 'mail', value: '"C0GENERAL"' }, { app: 'shop', value: '"C0RELEASES"' }])
  })

  it('lists them (answers.md, apps: running is also a new one, with a blank RELEASE)', async () => {
    expect((await scene.say(scene.cy, '/convox apps')).text).toBe('APP   STATUS   RELEASE\nmail  running\nshop  running')
  })

  it('shows one (answers.md, apps info: Name, Status, Locked, Release, then the params)', async () => {
    const whole = `Name       shop\nStatus     running\nLocked     false\nRelease\n${params()}`
    expect((await scene.say(scene.cy, '/convox apps info shop')).text).toBe(whole)
    expect((await scene.say(scene.cy, '/convox apps info')).text).toBe(whole)
    expect((await scene.say(scene.cy, '/convox app info SHOP')).text).toBe(whole)
  })

  it('shows and sets params, audited', async () => {
    expect((await scene.say(scene.cy, '/convox apps params')).text).toBe(params())
    expect((await scene.say(scene.bo, '/convox apps params set approvals=2 deadline=5m stability=1s expiry=30m approvers=@ana,@bo')).text)
      .toBe(`Updating parameters... OK\n${params({ approvals: '2', deadline: '5m', stability: '1s', expiry: '30m', approvers: '@ana @bo' })}`)
    expect(await scene.rows("select value from app_params where name = 'approvers'")).toEqual([{ value: '["U0ANA","U0BO"]' }])
    expect(await scene.rows("select detail from audit where action = 'app.params'")).toEqual([
      {
        detail: {
          approvals: '2', approvers: '["U0ANA","U0BO"]', deadline: '300', expiry: '1800', stability: '1',
          was: { approvals: '1', approvers: '[]', deadline: '600', expiry: '3600', stability: '30' },
        },
      },
    ])
    expect((await scene.say(scene.bo, '/convox apps params set approvers=none APPROVALS=0')).text)
      .toBe(`Updating parameters... OK\n${params({ approvals: '0', deadline: '5m', stability: '1s', expiry: '30m' })}`)
    expect((await scene.say(scene.bo, '/convox apps params set channel=#general -a shop')).text).toContain('channel    #general')
    expect((await scene.say(scene.bo, '/convox apps params set channel=#shop-releases -a shop')).text).toContain('channel    #shop-releases')
  })

  it.each([
    ['aprovals=0', 'Unknown param: `aprovals`.\nParams are `channel`, `approvals`, `approvers`, `deadline`, `stability`, `expiry`.'],
    ['approvals=lots', '`approvals=lots` does not fit.\nGive a number from 0 to 10.'],
    ['deadline=10x', '`deadline=10x` does not fit.\nGive a time from 30s to 6h.'],
    ['deadline=1s', '`deadline=1s` does not fit.\nGive a time from 30s to 6h.'],
    ['approvers=team', '`approvers=team` does not fit.\nGive people or user groups, such as @bo,@release-team, or none.'],
    ['channel=nowhere', '`channel=nowhere` does not fit.\nGive a channel, such as #shop-releases.'],
    ['approvals=3 approvers=@ana,@bo', '`approvals=3` needs 3 people, and `approvers` has 2.\nNothing was set. List more people in `approvers`, or set `approvals=2`.'],
    ['approvals', '`expected name=value: approvals`\nNothing was set. Example: `/convox apps params set approvals=1 deadline=10m -a shop`'],
    ['approvals=0', '`nothing would change`\nParams now: `/convox apps params shop`'],
  ])('refuses the param %s and sets nothing', async (typed, says) => {
    const before = await scene.counted()
    expect((await scene.say(scene.bo, `/convox apps params set ${typed}`)).text).toBe(`${says}\nref ‹ref›`)
    expect(await scene.counted()).toBe(before)
  })

  it('sets all params of a line or none', async () => {
    await scene.say(scene.bo, '/convox apps params set deadline=9m nonsense=1')
    expect((await scene.say(scene.bo, '/convox apps params')).text).toContain('deadline   5m')
  })

  it('refuses params to everybody but admins', async () => {
    expect((await scene.say(scene.ana, '/convox apps params set approvals=1')).text)
      .toBe('You are an approver here; setting params needs an admin.\nAsk an admin: @bo.\nref ‹ref›')
  })

  it('says what is not there to cancel', async () => {
    expect((await scene.say(scene.ana, '/convox apps cancel')).text)
      .toBe('`shop` is not rolling anything out.\nNothing to cancel: see `/convox promotions -a shop`\nref ‹ref›')
  })

  it('deletes nothing without the name typed again, nor for others than admins (cards.md 6)', async () => {
    const before = await scene.counted()
    expect((await scene.say(scene.ana, '/convox apps delete mail --confirm mail')).text).toContain('deleting an app needs an admin.')
    const form = await scene.form(scene.bo, () => scene.bo.command(scene.channel, '/convox apps delete mail'))
    expect(await scene.bo.submit(form, { "Type the app's name": 'shop' })).toEqual({ kind: 'errors', errors: { name: 'Type mail to delete it.' } })
    await scene.bo.closeView(form)
    expect((await scene.say(scene.bo, '/convox apps delete mail --confirm shop')).text)
      .toBe('This deletes `convox-mail`; no way back.\nAdd `--confirm mail`.\nref ‹ref›')
    expect((await scene.say(scene.bo, '/convox apps delete nosuch --confirm nosuch')).text).toBe('`app not found: nosuch`\nAll: `/convox apps`\nref ‹ref›')
    expect(await scene.counted()).toBe(before)
  })

  it('deletes an app with its namespace and rows; its audit stays', async () => {
    const form = await scene.form(scene.bo, () => scene.bo.command(scene.channel, '/convox apps delete mail'))
    const [said] = await scene.after(scene.bo, () => scene.bo.submit(form, { "Type the app's name": 'mail' }))
    expect(said?.text).toBe('Deleting mail... OK\nThe namespace `convox-mail` is going.')
    expect(await scene.rows("select name from apps where name = 'mail'")).toEqual([])
    expect(await scene.rows("select action from audit where app = 'mail' and decision is distinct from 'refused' order by id")).toEqual([{ action: 'app.create' }, { action: 'app.delete' }])
    await scene.world.slack.until(() => scene.world.cluster.get('namespaces', '', 'convox-mail') === undefined)
    expect((await scene.say(scene.bo, '/convox apps')).text).not.toContain('mail')
  })

  it('shows what moves, with its card; it is cancelled by name, and not deleted meanwhile', async () => {
    const release = await importFirst(scene, `${scene.world.shop}:slow`)
    await scene.say(scene.ana, '/convox releases promote')
    await scene.card(/^Rolling out: /)
    const info = await scene.say(scene.cy, '/convox apps info')
    expect(info.text).toContain('Status     updating')
    expect(info.buttons).toEqual(['Show card'])
    expect((await scene.click(scene.cy, info.message, 'Show card')).text).toMatch(new RegExp(`^The card of \`${release}\`: open it$`))
    expect((await scene.say(scene.bo, '/convox apps delete shop --confirm shop')).text)
      .toBe(`\`shop\` is rolling out \`${release}\`.\nCancel the rollout first: \`/convox apps cancel shop\`\nref ‹ref›`)
    expect((await scene.say(scene.ana, '/convox apps cancel shop')).text).toMatch(new RegExp(`^You cancelled \`${release}\` for \`shop\``))
    await scene.card(/^Failed: first release .*cancelled by ana/, 20_000)
    // answers.md, apps: a cancelled first release does not make an app failed (design 4).
    expect((await scene.say(scene.cy, '/convox apps')).text).toBe('APP   STATUS   RELEASE\nshop  running')
  })

  it('deletes an app that has releases and promotions', async () => {
    expect((await scene.say(scene.bo, '/convox apps delete shop --confirm shop')).text).toContain('Deleting shop... OK')
    // First its last word is said and loses its buttons; whoever looks after deletions does so twice a minute.
    await scene.world.slack.until(async () => (await scene.rows('select (select count(*) from releases) + (select count(*) from promotions) + (select count(*) from builds) as left'))[0]?.['left'] === '0', 90_000)
  }, 120_000)
})

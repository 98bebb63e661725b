import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCluster, type SimulatedCluster } from '../../../sandbox/cluster/start.ts'
import { memoryJournal } from '../../../sandbox/journal.ts'
import type { Actor } from '../../../sandbox/slack/driver.ts'
import type { Message } from '../../../sandbox/slack/records.ts'
import { setAppParams } from '../../../src/rack/app-params.ts'
import type { Rack } from '../../../src/rack/context.ts'
import { createApp } from '../../../src/rack/create-app.ts'
import { importImage } from '../../../src/rack/import-image.ts'
import { channels, people, shopManifest } from '../../support/world.ts'
import { admin } from '../promotions/quick-app.ts'
import { dee, startStage, type Stage } from '../promotions/stage.ts'

const nobody = `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: u, user: { token: t } }]
contexts: [{ name: away, context: { cluster: c, user: u } }]
current-context: away
`
const file = (kubeconfig: string): string => `racks:
  prod:
    roles:
      default: viewer
      approver: [S0RELEASES]
      apps:
        mail:
          deployer: [${people.ana.id}]
  test:
  gone:
    kubeconfig: ${kubeconfig}
    context: away
  late:
    kubeconfig: ${kubeconfig}-late
people:
  bo: [${people.bo.id}, U0BOTWO]
`
const everybody = [{ ...people.ana }, { ...people.bo, admin: true, owner: true }, { ...people.cy }, { ...dee }, { id: 'U0BOTWO', name: 'bo-two' }, { id: 'U0EVE', name: 'eve' }]
/** Rollouts are not what is waited for here; the machine may be busy. */
const patience = 60_000

describe('several racks with roles of their own', () => {
  let stage: Stage
  let directory: string
  let racks: readonly Rack[]
  let late: SimulatedCluster
  const releases = new Map<string, string>()

  const make = async (rack: Rack, app: string, channel: string | null, params: Readonly<Record<string, string>>): Promise<void> => {
    await createApp(rack, admin, { app, channel })
    await setAppParams(rack, admin, { app, params: Object.entries({ stability: '0s', ...params }) })
    const { release } = await importImage(rack, admin, {
      app, image: `${stage.world.shop}:1.4.0`, images: [], description: null, gitSha: null, message: null, base: null, manifest: shopManifest,
    })
    releases.set(`${rack.name}/${app}`, release)
  }
  const release = (of: string): string => releases.get(of) ?? 'none'
  const said = async (who: Actor, text: string, like?: RegExp): Promise<string> => stage.shown(await stage.answer(who, text, like))
  const card = (like: RegExp): Promise<Message> => stage.card(like, patience)
  /** Slack tells of a change of the group, and what was known before is forgotten. */
  const groups = async (members: readonly string[]): Promise<void> => {
    const handled = async (): Promise<number> => (await stage.rows('select 1 from deliveries where handled_at is not null')).length
    const before = await handled()
    stage.world.slack.setGroup('S0RELEASES', [...members])
    await stage.world.slack.until(async () => ((await handled()) > before ? true : undefined), patience)
  }
  const rack = (name: string): Rack => {
    const found = racks.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no rack ${name}`)
    return found
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-racks-'))
    await writeFile(join(directory, 'kubeconfig'), nobody)
    late = await startCluster({ journal: memoryJournal() })
    await writeFile(join(directory, 'kubeconfig-late'), late.kubeconfig.replace(`token: ${late.token}`, 'tokenFile: token'))
    await writeFile(join(directory, 'token'), 'has-run-out')
    await writeFile(join(directory, 'slipway.yml'), file(join(directory, 'kubeconfig')))
    stage = await startStage({
      settings: { CONFIG_FILE: join(directory, 'slipway.yml') },
      slack: {
        people: everybody, usergroups: [{ id: 'S0RELEASES', handle: 'release-team', users: [dee.id] }],
        channels: Object.values(channels).map(({ id, name }) => ({ id, name, members: everybody.map(({ id: person }) => person), bot: true })),
      },
    })
    racks = stage.world.slipway().racks
    await make(rack('prod'), 'shop', channels.releases.id, { approvals: '1' })
    await make(rack('prod'), 'mail', channels.general.id, { approvals: '1' })
    await make(rack('test'), 'shop', channels.general.id, { approvals: '1' })
  }, 120_000)
  afterAll(async () => {
    await stage.close()
    await late.close()
    await rm(directory, { recursive: true, force: true })
  })

  const ready = (): Promise<Response> => fetch(`http://127.0.0.1:${stage.world.slipway().port}/readyz`)

  it('start although the cluster of one is away, which readiness names', async () => {
    const readyz = await ready()
    // Over HTTP nobody would be heard any more, about no rack.
    expect(readyz.status).toBe(200)
    const text = await readyz.text()
    expect(text).toMatch(/^cluster of gone: not seen since /m)
    expect(text).not.toMatch(/cluster of (prod|test)/)
    expect(await said(stage.bo, '/convox apps -r test')).toContain('shop')
    expect(await said(stage.bo, '/convox apps -r nowhere')).toMatch(/^rack not found: nowhere\nRacks: prod, test, gone, late\./)
  })

  it('start although the cluster of one does not know its credentials, which readiness names until it does', async () => {
    const before = await ready()
    expect(before.status).toBe(200)
    expect(await before.text()).toMatch(/^cluster of late: not seen since .*: Unauthorized/m)
    expect(stage.world.logged()).toMatch(/"rack":"late".*the cluster does not know our credentials; nothing is judged until it does/)
    const reviews = (): number => late.requests().filter(({ path }) => path.includes('selfsubjectaccessreviews')).length
    const refused = reviews()
    await writeFile(join(directory, 'token'), late.token)
    await expect.poll(async () => (await ready()).text(), { timeout: patience }).not.toContain('cluster of late')
    expect(await said(stage.bo, '/convox apps -r late')).toMatch(/no apps/i)
    // Its rights are asked for as soon as it answers.
    await expect.poll(reviews, { timeout: patience }).toBeGreaterThan(refused)
  }, 120_000)

  it('give a person on each rack, and for each app, the role they have there', async () => {
    expect(await said(stage.ana, '/convox releases promote -a shop')).toMatch(/^You are a viewer here; promoting needs a deployer\./)
    expect(await said(stage.ana, `/convox promotions -a mail -r prod`)).toContain('no promotions')
    expect(await said(stage.ana, `/convox releases promote ${release('prod/mail')} -a mail -r prod`)).toContain('waiting for approval (0 of 1)')
    expect(await said(stage.ana, `/convox releases promote ${release('test/shop')} -a shop -r test`)).toContain('waiting for approval (0 of 1)')
    // Its own card, in its own channel, named by its rack.
    const found = await stage.world.slack.until(() => stage.world.slack.messages(channels.general.id).find((message) => message.text.includes('to shop on test')), patience)
    expect(stage.shown(found)).toMatch(new RegExp(`^⏳ Waiting for approval: shop on test ${release('test/shop')}`))
    const eve = stage.world.slack.as('U0EVE')
    // By role on `test`, where everybody approves; the button finds the promotion's rack.
    expect(await stage.click(eve, found, 'Approve')).toContain(`You approved ${release('test/shop')} for shop on test: 1 of 1.`)
    await stage.world.slack.until(() => stage.world.slack.messages(channels.general.id).find((message) => message.text.startsWith(`Succeeded: ${release('test/shop')} `)), patience)
  })

  it('let a member of a group approve where the group may, and nobody else', async () => {
    expect(await said(stage.dee, `/convox releases promote ${release('prod/shop')} -a shop -r prod`)).toContain('waiting for approval (0 of 1)')
    const asked = await card(new RegExp(`^Waiting for approval: .*${release('prod/shop')} to shop on prod`))
    expect(await stage.click(stage.dee, asked, 'Approve')).toMatch(/^You asked for this/)
    expect(await stage.click(stage.world.slack.as('U0EVE'), asked, 'Approve')).toMatch(/^You are a viewer here; approving needs an approver\./)
    await groups([dee.id, 'U0EVE'])
    // Two clicks of one person within a second are one.
    await sleep(1_100)
    expect(await stage.click(stage.world.slack.as('U0EVE'), asked, 'Approve')).toContain('You approved')
    await card(new RegExp(`^Succeeded: ${release('prod/shop')} `))
  })

  it('say why a group could not be read, and give nothing through it', async () => {
    stage.world.slack.fail('usergroups.users.list', { error: 'missing_scope', times: 100 })
    await groups([dee.id])
    const text = await said(stage.dee, '/convox env set A=1 -a shop -r prod')
    stage.world.slack.heal()
    expect(text).toMatch(/^You are a viewer here; setting env needs a deployer\.\nSlack does not let me read groups: scope usergroups:read is missing\./)
  })

  it('refuse a group as approvers when it cannot be read, and take it when it can', async () => {
    const set = (): Promise<string> => said(stage.bo, '/convox apps params set approvers=<!subteam^S0RELEASES|@release-team> -a mail')
    stage.world.slack.fail('usergroups.users.list', { error: 'plan_upgrade_required', times: 100 })
    await groups([dee.id])
    expect(await set()).toMatch(/^Group @release-team can't be read: this workspace's plan has no user groups\.\nNothing was set\. List the approvers by name: approvers=@bo,@cy/)
    stage.world.slack.heal()
    expect(await set()).toContain('@release-team')
    expect(await said(stage.ana, '/convox apps params -a mail')).toMatch(/approvers +@release-team/)
  })

  it('count the ids of one person as one', async () => {
    const two = stage.world.slack.as('U0BOTWO')
    const next = (await importImage(rack('test'), admin, { app: 'shop', image: `${stage.world.shop}:1.4.1`, images: [], description: null, gitSha: null, message: null, base: null, manifest: null })).release
    expect(await said(stage.bo, `/convox releases promote ${next} -a shop -r test`)).toContain('waiting for approval (0 of 1)')
    const asked = await stage.world.slack.until(() => stage.world.slack.messages(channels.general.id).find((message) => message.text.startsWith('Waiting for approval: ') && message.text.includes(next)), patience)
    expect(await stage.click(two, asked, 'Approve')).toMatch(/^You asked for this, so somebody else has to approve it\./)
    expect(await stage.click(stage.bo, asked, 'Cancel request')).toContain('You cancelled')
  })
})

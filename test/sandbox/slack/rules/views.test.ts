import { describe, expect, it } from 'vitest'
import { boltFor } from '../bolt-app.ts'
import { ana, bo, clientFor, closeAfterEach, refusal, releases, slackFor } from '../workspace.ts'

closeAfterEach()

const plain = (text: string) => ({ type: 'plain_text' as const, text })
const section = (text: string) => ({ type: 'section' as const, text: plain(text) })
const modal = (more: object = {}) => ({ type: 'modal' as const, title: plain('Title'), blocks: [section('x')], ...more })

const open = async () => {
  let now = 1_800_000_000_000
  const slack = await slackFor({ now: () => now })
  const client = clientFor(slack)
  const triggers: string[] = []
  await boltFor(slack, (app) =>
    app.command('/convox', async ({ ack, command }) => {
      triggers.push(command.trigger_id)
      await ack()
    }),
  )
  const trigger = async (user = ana) => {
    await slack.as(user).command(releases, '/convox')
    return triggers.at(-1) ?? ''
  }
  return { slack, client, trigger, pass: (ms: number) => void (now += ms) }
}

describe('a trigger', () => {
  it('lives three seconds and opens one view, whoever asks', async () => {
    const { client, trigger, pass } = await open()
    const [first, second] = [await trigger(), await trigger()]
    pass(3000)
    await client.views.open({ trigger_id: first, view: modal() })
    expect(await refusal(client.views.push({ trigger_id: first, view: modal() }))).toMatchObject({ error: 'exchanged_trigger_id' })
    pass(1)
    expect(await refusal(client.views.open({ trigger_id: second, view: modal() }))).toMatchObject({ error: 'expired_trigger_id' })
    expect(await refusal(client.views.open({ trigger_id: '1.2.abc', view: modal() }))).toMatchObject({ error: 'invalid_trigger_id' })
  })

  it('is not used up by a view that breaks a rule', async () => {
    const { client, trigger } = await open()
    const trigger_id = await trigger()
    expect(await refusal(client.views.open({ trigger_id, view: modal({ blocks: [] }) }))).toMatchObject({ error: 'invalid_arguments' })
    await client.views.open({ trigger_id, view: modal() })
  })
})

describe('a view', () => {
  it('has at most 250 KB', async () => {
    const { client, trigger } = await open()
    const sized = (bytes: number) => {
      const view = modal({ blocks: Array.from({ length: 100 }, () => section('x')) })
      const each = Math.floor((bytes - JSON.stringify(view).length) / 100)
      return modal({ blocks: Array.from({ length: 100 }, () => section('x'.repeat(1 + each))) })
    }
    expect(JSON.stringify(sized(249_900)).length).toBeLessThanOrEqual(250_000)
    await client.views.open({ trigger_id: await trigger(), view: sized(249_900) })
    expect(await refusal(client.views.open({ trigger_id: await trigger(), view: sized(250_300) }))).toMatchObject({ error: 'view_too_large' })
  })

  it('has an external_id of its own', async () => {
    const { client, trigger } = await open()
    await client.views.open({ trigger_id: await trigger(ana), view: modal({ external_id: 'e' }) })
    expect(await refusal(client.views.open({ trigger_id: await trigger(bo), view: modal({ external_id: 'e' }) }))).toMatchObject({
      error: 'duplicate_external_id',
    })
    await client.views.update({ external_id: 'e', view: modal({ external_id: 'e', title: plain('Again') }) })
  })

  it('is updated by who knows its last hash', async () => {
    const { slack, client, trigger } = await open()
    const { view } = await client.views.open({ trigger_id: await trigger(), view: modal() })
    const [view_id, hash] = [view?.id ?? '', view?.hash ?? '']
    const results = await Promise.allSettled([1, 2].map((title) => client.views.update({ view_id, hash, view: modal({ title: plain(`${title}`) }) })))
    expect(results.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await refusal(client.views.update({ view_id, hash, view: modal() }))).toMatchObject({ error: 'hash_conflict' })
    await client.views.update({ view_id, view: modal({ title: plain('Any') }) })
    expect(slack.screen(ana)).toContain('[modal: Any]')
  })

  it('of a home belongs to one person and has a hash too', async () => {
    const { client } = await open()
    const home = { type: 'home' as const, blocks: [section('x')] }
    const first = await client.views.publish({ user_id: ana, view: home })
    await client.views.publish({ user_id: ana, view: home })
    expect(await refusal(client.views.publish({ user_id: ana, view: home, hash: first.view?.hash ?? '' }))).toMatchObject({ error: 'hash_conflict' })
    expect(await refusal(client.apiCall('views.publish', { user_id: ana, view: modal() }))).toMatchObject({ error: 'invalid_arguments' })
  })
})

import { describe, expect, it } from 'vitest'
import { transportKinds, usualAckTime } from '../../../../sandbox/slack/transport.ts'
import { boltFor } from '../bolt-app.ts'
import { connect } from '../socket-client.ts'
import { ana, bo, clientFor, closeAfterEach, releases, slackFor } from '../workspace.ts'

closeAfterEach()

const actions = (label: string) => [
  { type: 'actions' as const, elements: [{ type: 'button' as const, action_id: label, text: { type: 'plain_text' as const, text: label } }] },
]

describe.each(transportKinds)('an acknowledgement over %s', (transport) => {
  it('has three seconds', async () => {
    const slack = await slackFor({ transport })
    await boltFor(slack, (app) => app.command('/convox', async () => undefined))
    const began = Date.now()
    expect(await slack.as(ana).command(releases, '/convox help')).toEqual({ ok: false, error: 'operation_timeout' })
    expect(Date.now() - began).toBeGreaterThanOrEqual(usualAckTime - 5)
    expect(usualAckTime).toBe(3000)
  })

  it('that comes too late changes nothing', async () => {
    const slack = await slackFor({ transport, ackTime: 100 })
    let late: () => Promise<void> = async () => undefined
    await boltFor(slack, (app) => {
      app.command('/convox', async ({ ack }) => void (late = () => ack('too late')))
    })
    expect(await slack.as(ana).command(releases, '/convox help')).toEqual({ ok: false, error: 'operation_timeout' })
    await late().catch((error: unknown) => expect(error).toBeInstanceOf(Error))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(slack.seenBy(ana, releases)).not.toContain('too late')
  })

  it('of a click is expected too, and holds no message', async () => {
    const slack = await slackFor({ transport, ackTime: 100 })
    await boltFor(slack, (app) => {
      app.action('Silent', async () => undefined)
      app.action('Loud', async ({ ack }) => Reflect.apply(ack, undefined, [{ text: 'not shown' }]))
    })
    const client = clientFor(slack)
    for (const label of ['Silent', 'Loud']) await client.chat.postMessage({ channel: releases, text: label, blocks: actions(label) })
    const [silent, loud] = slack.messages(releases)
    if (!silent || !loud) throw new Error('no cards')
    expect(await slack.as(bo).click(silent, 'Silent')).toEqual({ ok: false, error: 'operation_timeout' })
    expect(await slack.as(bo).click(loud, 'Loud')).toEqual({ ok: true })
    expect(slack.screen(bo)).not.toContain('not shown')
  })

  it('is for the caller alone unless it says otherwise', async () => {
    const slack = await slackFor({ transport })
    await boltFor(slack, (app) =>
      app.command('/convox', async ({ ack, command }) => ack({ text: 'answer', ...(command.text === 'loud' ? { response_type: 'in_channel' } : {}) })),
    )
    await slack.as(ana).command(releases, '/convox')
    expect(slack.transcript(releases)).toBe('')
    await slack.as(ana).command(releases, '/convox loud')
    expect(slack.transcript(releases)).toBe('ana: /convox loud\nconvox: answer')
  })
})

describe('an acknowledgement that is none', () => {
  it.each<[string, unknown, string]>([
    ['blocks that break a rule', { blocks: [{ type: 'header' }] }, 'dispatch_failed: invalid_blocks'],
    ['nothing to say', { response_type: 'ephemeral' }, 'dispatch_failed: no_text'],
    ['another form', { response_type: 'loud', text: 'x' }, 'dispatch_failed: invalid_payload'],
  ])('is dispatch_failed: %s', async (_name, payload, error) => {
    const slack = await slackFor()
    const app = await connect(slack)
    const outcome = slack.as(ana).command(releases, '/convox help')
    app.ack(await app.next('slash_commands'), payload)
    expect(await outcome).toMatchObject({ ok: false, error: expect.stringContaining(error) })
    expect(slack.seenBy(ana, releases)).toBe('Slackbot (only visible to ana): /convox failed with the error "dispatch_failed"')
  })

  it('closes the socket when it is no JSON', async () => {
    const slack = await slackFor()
    const app = await connect(slack)
    const closed = new Promise((resolve) => app.socket.once('close', resolve))
    app.socket.send('hello')
    expect(await closed).toBe(1007)
  })
})

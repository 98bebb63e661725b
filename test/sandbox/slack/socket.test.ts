import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect } from './socket-client.ts'
import { ana, appToken, clientFor, closeAfterEach, refusal, releases, slackFor } from './workspace.ts'

closeAfterEach()

describe('Socket Mode', () => {
  it('greets with the number of connections, and lets in only who asked for a URL', async () => {
    const slack = await slackFor()
    expect((await connect(slack)).hello).toMatchObject({ num_connections: 1, connection_info: { app_id: slack.workspace.bot.appId } })
    expect((await connect(slack)).hello).toMatchObject({ num_connections: 2 })
    const { url = '' } = await clientFor(slack, appToken).apps.connections.open({})
    const closed = (address: string) => new Promise((resolve) => new WebSocket(address).on('error', resolve).on('open', () => resolve('open')))
    expect(await closed(url.replace(/ticket=[^&]+/, 'ticket=guess'))).toBeInstanceOf(Error)
  })

  it('takes ten connections', async () => {
    const slack = await slackFor()
    for (let count = 0; count < 10; count++) await connect(slack)
    expect(await refusal(clientFor(slack, appToken).apps.connections.open({}))).toMatchObject({ error: 'too_many_websockets' })
  })

  it('gives each payload to one connection', async () => {
    const slack = await slackFor()
    const [one, two] = [await connect(slack), await connect(slack)]
    const outcomes = [slack.as(ana).command(releases, '/convox a'), slack.as(ana).command(releases, '/convox b')]
    for (const connection of [one, two]) connection.ack(await connection.next('slash_commands'), { text: 'done' })
    expect((await Promise.all(outcomes)).map((outcome) => outcome.ok)).toEqual([true, true])
    expect([...one.frames, ...two.frames]).toEqual([])
  })

  it('ignores a second acknowledgement', async () => {
    const slack = await slackFor()
    const app = await connect(slack)
    const outcome = slack.as(ana).command(releases, '/convox a')
    const frame = await app.next('slash_commands')
    app.ack(frame, { text: 'first' })
    app.ack(frame, { text: 'second' })
    expect((await outcome).answer?.text).toBe('first')
    expect(
      slack
        .as(ana)
        .ephemerals(releases)
        .map((one) => one.text),
    ).toEqual(['first'])
  })

  it('sends what a dropped socket left unacknowledged again, under the same envelope_id', async () => {
    const slack = await slackFor()
    const first = await connect(slack)
    const outcome = slack.as(ana).command(releases, '/convox a')
    const lost = await first.next('slash_commands')
    expect(lost['retry_attempt']).toBeUndefined()
    slack.killSockets()
    const second = await connect(slack)
    const again = await second.next('slash_commands')
    expect(again).toMatchObject({ envelope_id: lost['envelope_id'], retry_attempt: 1, payload: lost['payload'] })
    second.ack(again, { text: 'here' })
    expect((await outcome).answer?.text).toBe('here')
  })

  it('keeps events for an app that is away, but no commands', async () => {
    const slack = await slackFor()
    slack.as(ana).say(releases, '@convox help')
    expect(await slack.as(ana).command(releases, '/convox help')).toEqual({ ok: false, error: 'dispatch_failed' })
    const app = await connect(slack)
    expect(await app.next('events_api')).toMatchObject({ payload: { event: { type: 'app_mention', user: ana } }, retry_attempt: 0 })
    expect(app.frames).toEqual([])
  })

  it('asks connections to leave, and goes silent without closing', async () => {
    const slack = await slackFor({ ackTime: 60 })
    const app = await connect(slack)
    slack.disconnect('warning')
    slack.disconnect('refresh_requested')
    expect(await app.next('disconnect')).toMatchObject({ reason: 'warning' })
    expect(await app.next('disconnect')).toMatchObject({ reason: 'refresh_requested' })
    slack.freezeSockets()
    const outcome = slack.as(ana).command(releases, '/convox a')
    app.ack(await app.next('slash_commands'))
    expect(await outcome).toEqual({ ok: false, error: 'operation_timeout' })
    expect(app.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('answers dispatch_failed to an acknowledgement it cannot show', async () => {
    const slack = await slackFor()
    const app = await connect(slack)
    const outcome = slack.as(ana).command(releases, '/convox a')
    app.ack(await app.next('slash_commands'), { blocks: [{ type: 'header' }] })
    expect(await outcome).toMatchObject({ ok: false, error: expect.stringContaining('dispatch_failed: invalid_blocks') })
    expect(slack.seenBy(ana, releases)).toContain('/convox failed with the error "dispatch_failed"')
  })

  it('shows everybody the command when the answer is for everybody', async () => {
    const slack = await slackFor()
    const app = await connect(slack)
    const outcome = slack.as(ana).command(releases, '/convox a')
    app.ack(await app.next('slash_commands'), { response_type: 'in_channel', text: 'for all' })
    await outcome
    expect(slack.transcript(releases)).toBe('ana: /convox a\nconvox: for all')
  })
})

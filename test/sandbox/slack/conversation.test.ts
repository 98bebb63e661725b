import { describe, expect, it } from 'vitest'
import { transportKinds } from '../../../sandbox/slack/transport.ts'
import { boltFor } from './bolt-app.ts'
import { ana, bo, closeAfterEach, cy, general, releases, slackFor } from './workspace.ts'

closeAfterEach()

const button = (label: string, action_id: string, more: Record<string, unknown> = {}) => ({
  type: 'button' as const,
  action_id,
  text: { type: 'plain_text' as const, text: label },
  ...more,
})

describe.each(transportKinds)('a Bolt app on the simulated Slack over %s', (transport) => {
  it('answers a slash command for its caller only', async () => {
    const slack = await slackFor({ transport })
    await boltFor(slack, (app) => app.command('/convox', async ({ ack, command }) => ack(`you typed ${command.text} in ${command.channel_name}`)))
    const outcome = await slack.as(ana).command(releases, '/convox releases promote @bo #general')
    expect(outcome).toMatchObject({ ok: true, answer: { ephemeral: true } })
    expect(outcome.answer?.text).toContain(`<@${bo}|bo> <#${general}|general>`)
    expect(slack.seenBy(ana, releases)).toContain('convox (only visible to ana): you typed releases promote @bo #general in shop-releases')
    expect(slack.seenBy(bo, releases)).not.toContain('you typed')
    expect(slack.transcript(releases)).toBe('')
  })

  it('hands a click to the app with the message, and the app redraws it', async () => {
    const slack = await slackFor({ transport })
    await boltFor(slack, (app) => {
      app.action('approve', async ({ ack, body, client, action }) => {
        await ack()
        if (body.type !== 'block_actions' || !body.message || !body.channel || action.type !== 'button') return
        await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: `approved by <@${body.user.id}> as ${action.value ?? 'nothing'}` })
      })
    })
    const { WebClient } = await import('@slack/web-api')
    const posted = await new WebClient('xoxb-test', { slackApiUrl: slack.apiUrl }).chat.postMessage({
      channel: releases,
      text: 'Approve?',
      blocks: [{ type: 'actions', elements: [button('Approve', 'approve', { style: 'primary', value: 'P1:1' })] }],
    })
    const [card] = slack.messages(releases)
    expect(card?.ts).toBe(posted.ts)
    if (!card) throw new Error('no card')
    expect(await slack.as(bo).click(card, 'Approve')).toEqual({ ok: true })
    await slack.until(() => slack.transcript(releases).includes('approved by @bo as P1:1'))
    expect(slack.transcript(releases)).toContain('(edited)')
    await expect(slack.as(bo).click(card, 'Approve')).rejects.toThrow('there is nothing to click called "Approve"')
  })

  it('opens a modal within its trigger, shows errors under a field, and closes it', async () => {
    const slack = await slackFor({ transport })
    const reasons: string[] = []
    await boltFor(slack, (app) => {
      app.command('/convox', async ({ ack, command, client }) => {
        await ack()
        await client.views.open({
          trigger_id: command.trigger_id,
          view: {
            type: 'modal',
            callback_id: 'reject',
            title: { type: 'plain_text', text: 'Reject promotion' },
            submit: { type: 'plain_text', text: 'Reject' },
            close: { type: 'plain_text', text: 'Close' },
            blocks: [
              {
                type: 'input',
                block_id: 'reason',
                label: { type: 'plain_text', text: 'Reason' },
                element: { type: 'plain_text_input', action_id: 'text', multiline: true, max_length: 500 },
              },
            ],
          },
        })
      })
      app.view('reject', async ({ ack, view }) => {
        const reason = view.state.values['reason']?.['text']?.value ?? ''
        if (reason.length < 4) return ack({ response_action: 'errors', errors: { reason: 'Say why in a few words.' } })
        reasons.push(reason)
        await ack()
      })
    })
    await slack.as(bo).command(releases, '/convox reject')
    const view = await slack.until(() => slack.as(bo).openView())
    expect(await slack.as(bo).submit(view, { Reason: '' })).toEqual({ kind: 'errors', errors: { reason: 'Please complete this required field.' } })
    expect(await slack.as(bo).submit(view, { Reason: 'no' })).toEqual({ kind: 'errors', errors: { reason: 'Say why in a few words.' } })
    expect(await slack.as(bo).submit(view, { reason: 'wait for the migration' })).toEqual({ kind: 'closed' })
    expect(slack.as(bo).openView()).toBeUndefined()
    expect(reasons).toEqual(['wait for the migration'])
  })

  it('hears a mention in a channel it is in, and a direct message', async () => {
    const slack = await slackFor({ transport })
    await boltFor(slack, (app) => {
      app.event('app_mention', async ({ event, say }) => void (await say({ text: `heard ${event.text}`, thread_ts: event.thread_ts ?? event.ts })))
      app.message(async ({ message, say }) => {
        if (message.subtype === undefined) await say(`direct: ${message.text}`)
      })
    })
    slack.as(ana).say(releases, '@convox releases & more')
    await slack.until(() => slack.transcript(releases).includes('> convox: heard @convox releases & more'))
    slack.as(cy).say(general, '@convox hello')
    expect(slack.seenBy(cy, general)).toContain('Type /invite @convox to add them.')
    const outcome = await slack.as(cy).command(general, '/invite @convox')
    expect(outcome.ok).toBe(true)
    slack.as(cy).say(general, '@convox hello again')
    await slack.until(() => slack.transcript(general).includes('heard @convox hello again'))
  })

  it('answers through response_url, and offers options of an external select', async () => {
    const slack = await slackFor({ transport })
    await boltFor(slack, (app) => {
      app.command('/convox', async ({ ack, respond }) => {
        await ack()
        await respond({
          text: 'Which app?',
          blocks: [
            {
              type: 'actions',
              block_id: 'pick',
              elements: [{ type: 'external_select', action_id: 'app', min_query_length: 0, placeholder: { type: 'plain_text', text: 'App' } }],
            },
          ],
        })
      })
      app.options('app', async ({ ack, options }) =>
        ack({
          options: ['shop', 'mail'].filter((one) => one.startsWith(options.value)).map((one) => ({ text: { type: 'plain_text', text: one }, value: one })),
        }),
      )
      app.action('app', async ({ ack, action, respond }) => {
        await ack()
        if (action.type === 'external_select') await respond({ replace_original: true, text: `chose ${action.selected_option?.value}` })
      })
    })
    await slack.as(ana).command(general, '/convox')
    const question = await slack.until(() => slack.as(ana).ephemerals(general)[0])
    expect(await slack.as(ana).suggest(question, 'app', 'sh')).toEqual({ ok: true, options: ['shop'] })
    await slack.as(ana).click(question, 'app', { option: 'shop' })
    await slack.until(() => slack.seenBy(ana, general).includes('chose shop'))
    expect(slack.as(ana).ephemerals(general)).toHaveLength(1)
  })

  it('shows operation_timeout when nothing acknowledges, and dispatch_failed when nobody is connected', async () => {
    const slack = await slackFor({ transport, ackTime: 50 })
    expect(await slack.as(ana).command(releases, '/convox help')).toEqual({ ok: false, error: 'dispatch_failed' })
    await boltFor(slack, (app) => {
      app.command('/convox', async () => undefined)
      app.action('x', async () => undefined)
    })
    expect(await slack.as(ana).command(releases, '/convox help')).toEqual({ ok: false, error: 'operation_timeout' })
    expect(slack.seenBy(ana, releases)).toContain('/convox failed with the error "operation_timeout"')
  })

  it('uploads a file that people and the app can read back', async () => {
    const slack = await slackFor({ transport })
    const app = await boltFor(slack, () => undefined)
    const im = await app.client.conversations.open({ users: ana })
    const channel = im.channel?.id ?? ''
    await app.client.filesUploadV2({ channel_id: channel, filename: 'convox.yml', content: 'services:\n  web: {}\n', initial_comment: 'the manifest' })
    expect(slack.transcript(channel)).toContain('convox: the manifest\n  [file convox.yml]')
    const id = slack.messages(channel)[0]?.files?.[0] ?? ''
    const info = await app.client.files.info({ file: id })
    const url = info.file?.url_private ?? ''
    const bytes = await fetch(url, { headers: { authorization: 'Bearer xoxb-test' } })
    expect(await bytes.text()).toBe('services:\n  web: {}\n')
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(302)
  })
})

import { describe, expect, it } from 'vitest'
import type { App } from '@slack/bolt'
import { transportKinds } from '../../../sandbox/slack/transport.ts'
import { boltFor } from './bolt-app.ts'
import { ana, bo, clientFor, closeAfterEach, general, refusal, releases, slackFor } from './workspace.ts'

closeAfterEach()

const plain = (text: string) => ({ type: 'plain_text' as const, text })
const modal = (title: string, more: object = {}) => ({
  type: 'modal' as const,
  title: plain(title),
  blocks: [{ type: 'section' as const, text: plain('x') }],
  ...more,
})

describe.each(transportKinds)('over %s', (transport) => {
  /** A clock that a test moves, a bot that collects triggers and response_urls of commands. */
  const collecting = async (build: (app: App) => void = () => undefined) => {
    let now = 1_800_000_000_000
    const slack = await slackFor({ transport, now: () => now })
    const triggers: string[] = []
    const urls: string[] = []
    await boltFor(slack, (app) => {
      app.command('/convox', async ({ ack, command }) => {
        triggers.push(command.trigger_id)
        urls.push(command.response_url)
        await ack()
      })
      build(app)
    })
    return { slack, client: clientFor(slack), triggers, urls, pass: (ms: number) => void (now += ms) }
  }

  const respond = async (url: string, body: object) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
    return [response.status, await response.text()]
  }

  describe('a trigger_id', () => {
    it('opens one view within three seconds', async () => {
      const { slack, client, triggers, pass } = await collecting()
      await slack.as(ana).command(releases, '/convox a')
      await slack.as(ana).command(releases, '/convox b')
      const [first = '', second = ''] = triggers
      await client.views.open({ trigger_id: first, view: modal('One') })
      expect(await refusal(client.views.open({ trigger_id: first, view: modal('Two') }))).toMatchObject({ error: 'exchanged_trigger_id' })
      pass(3001)
      expect(await refusal(client.views.open({ trigger_id: second, view: modal('Two') }))).toMatchObject({ error: 'expired_trigger_id' })
      expect(await refusal(client.views.open({ trigger_id: 'made.up', view: modal('Two') }))).toMatchObject({ error: 'invalid_trigger_id' })
    })
  })

  describe('a response_url', () => {
    it('works five times', async () => {
      const { slack, urls } = await collecting()
      await slack.as(ana).command(releases, '/convox a')
      for (let use = 1; use <= 5; use++) expect(await respond(urls[0] ?? '', { text: `use ${use}` })).toEqual([200, '{"ok":true}'])
      expect(await respond(urls[0] ?? '', { text: 'use 6' })).toEqual([404, 'used_url'])
      expect(
        slack
          .as(ana)
          .ephemerals(releases)
          .map((one) => one.text),
      ).toEqual(['use 1', 'use 2', 'use 3', 'use 4', 'use 5'])
    })

    it('works for thirty minutes', async () => {
      const { slack, urls, pass } = await collecting()
      await slack.as(ana).command(releases, '/convox a')
      pass(30 * 60_000)
      expect((await respond(urls[0] ?? '', { text: 'late' }))[0]).toBe(200)
      pass(1)
      expect(await respond(urls[0] ?? '', { text: 'too late' })).toEqual([404, 'expired_url'])
    })

    it('refuses blocks that break a rule', async () => {
      const { slack, urls } = await collecting()
      await slack.as(ana).command(releases, '/convox a')
      expect(await respond(urls[0] ?? '', { text: 'x', blocks: [{ type: 'header' }] })).toEqual([400, 'invalid_blocks'])
    })

    it('replaces an ephemeral for its person only, also when asked for in_channel, and deletes it', async () => {
      const { slack, urls } = await collecting((app) => {
        app.action('go', async ({ ack, body, respond: answer }) => {
          await ack()
          if (body.type === 'block_actions')
            await answer({ replace_original: true, response_type: 'in_channel', text: `clicked, message ${body.message ? 'sent along' : 'not sent along'}` })
        })
      })
      await slack.as(ana).command(releases, '/convox a')
      await respond(urls[0] ?? '', { text: 'q', blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'go', text: plain('Go') }] }] })
      const [question] = slack.as(ana).ephemerals(releases)
      if (!question) throw new Error('no question')
      await slack.as(ana).click(question, 'Go')
      await slack.until(() => slack.seenBy(ana, releases).includes('clicked, message not sent along'))
      expect(slack.transcript(releases)).toBe('')
    })
  })

  describe('slash commands', () => {
    it('do not run in threads', async () => {
      const { slack, triggers } = await collecting()
      const parent = slack.as(ana).say(releases, 'parent')
      expect(await slack.as(ana).command(releases, '/convox a', { thread: parent.ts })).toEqual({ ok: false, error: 'not_in_threads' })
      expect(slack.seenBy(ana, releases)).toContain('/convox is not supported in threads. Sorry!')
      expect(triggers).toEqual([])
    })

    it('that nobody owns are answered by Slack', async () => {
      const { slack } = await collecting()
      expect(await slack.as(ana).command(releases, '/convx a')).toEqual({ ok: false, error: 'unknown_command' })
      expect(slack.seenBy(ana, releases)).toContain('/convx is not a valid command.')
    })

    it('need somebody who is in the channel', async () => {
      const { slack } = await collecting()
      slack.setChannel(general, { members: [bo] })
      await expect(slack.as(ana).command(general, '/convox a')).rejects.toThrow('ana is not in #general')
    })
  })

  const button = (label: string, more: object = {}) => ({ type: 'button' as const, action_id: label, text: plain(label), ...more })
  const reason = {
    type: 'input' as const,
    block_id: 'reason',
    label: plain('Reason'),
    element: { type: 'plain_text_input' as const, action_id: 'text', max_length: 10 },
  }

  describe('views', () => {
    it('stack three high, and close one by one or all at once', async () => {
      const errors: string[] = []
      const pushing = (title: string) => modal(title, { notify_on_close: true, blocks: [{ type: 'actions' as const, elements: [button('Push')] }] })
      const closed: boolean[] = []
      const { slack, client, triggers } = await collecting((app) => {
        app.action('Push', async ({ ack, body, client: web }) => {
          await ack()
          if (body.type === 'block_actions')
            errors.push(await web.views.push({ trigger_id: body.trigger_id, view: pushing('Next') }).then(() => 'pushed', String))
        })
        app.view({ type: 'view_closed' }, async ({ ack, body }) => {
          await ack()
          if (body.type === 'view_closed') closed.push(body.is_cleared)
        })
      })
      await slack.as(ana).command(releases, '/convox a')
      await client.views.open({ trigger_id: triggers[0] ?? '', view: pushing('First') })
      for (const expected of ['pushed', 'pushed', 'push_limit_reached']) {
        const before = errors.length
        const top = await slack.until(() => slack.as(ana).openView())
        await slack.as(ana).click(top, 'Push')
        await slack.until(() => errors.length > before)
        expect(errors.at(-1)).toContain(expected)
      }
      const top = await slack.until(() => slack.as(ana).openView())
      await slack.as(ana).closeView(top)
      expect(closed).toEqual([false])
      const below = await slack.until(() => slack.as(ana).openView())
      expect(below.id).not.toBe(top.id)
      await slack.as(ana).closeView(below, true)
      expect(slack.as(ana).openView()).toBeUndefined()
      expect(closed).toEqual([false, true, true])
    })

    it('are updated by id and hash while they are open', async () => {
      const { slack, client, triggers } = await collecting()
      await slack.as(ana).command(releases, '/convox a')
      const { view } = await client.views.open({ trigger_id: triggers[0] ?? '', view: modal('Reading', { external_id: 'e1' }) })
      const [view_id, hash] = [view?.id ?? '', view?.hash ?? '']
      await client.views.update({ view_id, hash, view: modal('Read') })
      expect(await refusal(client.views.update({ view_id, hash, view: modal('Again') }))).toMatchObject({ error: 'hash_conflict' })
      expect(await refusal(client.views.update({ view_id: 'V0NONE', view: modal('Again') }))).toMatchObject({ error: 'not_found' })
      const open = await slack.until(() => slack.as(ana).openView())
      await slack.as(ana).closeView(open)
      expect(await refusal(client.views.update({ view_id, view: modal('Late') }))).toMatchObject({ error: 'not_found' })
    })

    it('point to what is wrong as invalid_arguments', async () => {
      const { slack, client, triggers } = await collecting()
      await slack.as(ana).command(releases, '/convox a')
      const answer = await refusal(client.views.open({ trigger_id: triggers[0] ?? '', view: modal('x'.repeat(25)) }))
      expect(answer).toMatchObject({
        error: 'invalid_arguments',
        response_metadata: { messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'] },
      })
    })

    it.each<[string, object | undefined, object]>([
      ['closes on an empty acknowledgement', undefined, { kind: 'closed' }],
      ['shows errors under inputs', { response_action: 'errors', errors: { reason: 'Too short.' } }, { kind: 'errors', errors: { reason: 'Too short.' } }],
      ['refuses errors for what is no input', { response_action: 'errors', errors: { other: 'x' } }, { kind: 'failed' }],
      ['updates', { response_action: 'update', view: modal('New') }, { kind: 'updated' }],
      ['pushes', { response_action: 'push', view: modal('New') }, { kind: 'pushed' }],
      ['clears', { response_action: 'clear' }, { kind: 'closed' }],
      ['refuses an update that breaks a rule', { response_action: 'update', view: modal('x'.repeat(25)) }, { kind: 'failed' }],
    ])('a submission %s', async (_name, answer, outcome) => {
      const { slack, client, triggers } = await collecting((app) => {
        // Past Bolt's types, which would refuse the answers that must be refused.
        app.view('reject', async ({ ack }) => void (await Reflect.apply(ack, undefined, answer ? [answer] : [])))
      })
      await slack.as(ana).command(releases, '/convox a')
      await client.views.open({ trigger_id: triggers[0] ?? '', view: modal('Reject', { callback_id: 'reject', submit: plain('Reject'), blocks: [reason] }) })
      const view = await slack.until(() => slack.as(ana).openView())
      expect(await slack.as(ana).submit(view, {})).toEqual({ kind: 'errors', errors: { reason: 'Please complete this required field.' } })
      expect(await slack.as(ana).submit(view, { reason: 'x'.repeat(11) })).toEqual({ kind: 'errors', errors: { reason: 'Must be at most 10 characters.' } })
      expect(await slack.as(ana).submit(view, { reason: 'because' })).toMatchObject(outcome)
    })
  })

  describe('a click', () => {
    it('asks its dialog first, and sends nothing when it is denied', async () => {
      const clicks: string[] = []
      const { slack, client } = await collecting((app) => {
        app.action(/.*/, async ({ ack, action }) => {
          await ack()
          if (action.type === 'overflow') clicks.push(action.selected_option.value)
          else if ('action_id' in action) clicks.push(action.action_id)
        })
      })
      const confirm = { title: plain('Sure?'), text: plain('It goes back.'), confirm: plain('Go back'), deny: plain('Keep it') }
      const menu = {
        type: 'overflow' as const,
        action_id: 'more',
        options: [
          { text: plain('Cancel request'), value: 'cancel' },
          { text: plain('Info'), value: 'info' },
        ],
      }
      await client.chat.postMessage({ channel: releases, text: 'card', blocks: [{ type: 'actions', elements: [button('Back', { confirm }), menu] }] })
      const [card] = slack.messages(releases)
      if (!card) throw new Error('no card')
      expect(await slack.as(bo).click(card, 'Back', { confirm: 'deny' })).toMatchObject({
        denied: true,
        dialog: { title: 'Sure?', confirm: 'Go back', deny: 'Keep it' },
      })
      await slack.as(bo).click(card, 'Cancel request')
      await slack.as(bo).click(card, 'Back')
      await slack.until(() => clicks.length === 2)
      expect(clicks).toEqual(['cancel', 'Back'])
      await expect(slack.as(bo).click(card, 'more', { option: 'Nothing' })).rejects.toThrow('there is no option "Nothing"')
    })
  })
})

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeDelivery } from '../../src/bot/receive/delivery.ts'
import { transports } from '../../src/bot/slack-manifest.ts'
import type { SubmissionErrors } from '../../src/bot/context.ts'
import type { AnnouncementStore, ToSay } from '../../src/rack/app-announcements.ts'
import type { SimulatedSlack } from '../../sandbox/slack/start.ts'
import { promotionView } from './delivery/support/promotion.ts'
import { tokens } from './delivery/support/workspace.ts'
import { say, signingSecret, startEdge, type Edge } from './edge.ts'
import { createInbox } from './receive/memory-inbox.ts'

const channel = 'C1REL'
const leftOver = { id: 'E9', incoming: { kind: 'command', text: 'apps' }, user: 'U1ANA', channel, direct: false, shared: false, responseUrl: null, threadTs: null } as const

describe.each(transports)('over %s', (transport) => {
  let edge: Edge
  let slack: SimulatedSlack

  beforeEach(async () => {
    edge = await startEdge(transport)
    slack = edge.slack
  })
  afterEach(() => edge.close())

  /** Everything that Slack sends from now on it sends again, over HTTP to the byte, over sockets under the same envelope id and under a new one. */
  const repeat = (): (() => Promise<void>) => {
    const waits = transport === 'socket'
    if (waits) slack.tamper(() => [{ after: 0, id: 'same' }, { after: 50, id: 'same' }, { after: 100, id: 'new' }])
    const from = slack.http.sent().length
    return async () => {
      if (waits) return void await new Promise((resolve) => setTimeout(resolve, 200))
      for (const { url, headers, body } of [...slack.http.sent().slice(from), ...slack.http.sent().slice(from)]) {
        expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200)
      }
    }
  }

  const seen = (user = 'U1ANA', where = channel): string => slack.seenBy(user, where)
  const ana = () => slack.as('U1ANA')

  /** Posts a button that only opens things, as the bot would. */
  const postButton = async (): Promise<void> => {
    edge.outbox.begin(promotionView({ status: 'rolling_out' }), channel)
    await slack.until(() => edge.outbox.record('PAAAAAAAAAA').card.ts)
  }
  const card = () => {
    const found = slack.messages(channel).find((message) => message.metadata !== undefined)
    if (found === undefined) throw new Error('no card')
    return found
  }

  describe('a delivery', () => {
    test('is kept, acknowledged, answered and marked handled', async () => {
      await edge.begin()
      await expect(ana().command(channel, '/convox releases -a shop')).resolves.toMatchObject({ ok: true })
      await slack.until(() => seen().includes('heard releases -a shop'))
      expect(edge.heard).toEqual([{ kind: 'command', text: 'releases -a shop' }])
      await slack.until(() => [...edge.inbox.kept.values()].every((one) => one.handled))
      expect(edge.inbox.kept.size).toBe(1)
      expect(seen('U2BO')).not.toContain('heard')
    })

    test('by mention is answered to the person alone', async () => {
      await edge.begin()
      ana().say(channel, '<@UCONVOX01> releases')
      await slack.until(() => seen().includes('heard releases'))
      expect(seen('U2BO')).not.toContain('heard')
    })

    test('of a click carries action, value and place', async () => {
      await edge.begin(edge.echo((desk) => say(desk, `in ${desk.place.channel}`)))
      await postButton()
      await ana().click(card(), 'Show diff')
      await slack.until(() => seen().includes('in C1REL'))
      expect(edge.heard).toEqual([{ kind: 'click', action: 'show_diff', value: 'PAAAAAAAAAA:1', on: 'message' }])
    })

    test('that Slack sends again is answered once, whichever replica it comes to', async () => {
      await edge.begin()
      await edge.begin()
      const again = repeat()
      await ana().command(channel, '/convox releases')
      ana().say(channel, '<@UCONVOX01> apps')
      await slack.until(() => edge.heard.length === 2)
      await again()
      await slack.until(() => edge.inbox.kept.size === 2)
      expect(edge.heard).toHaveLength(2)
      expect(seen().split('heard releases')).toHaveLength(2)
    })

    test('that a process took and did not finish is known to the next one', async () => {
      const stuck = await edge.begin(edge.echo(() => edge.never))
      const again = repeat()
      await ana().command(channel, '/convox releases')
      await slack.until(() => edge.heard.length === 1)
      edge.abandon(stuck)
      await edge.begin()
      await again()
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(edge.heard).toHaveLength(1)
      edge.inbox = createInbox([...edge.inbox.kept].map(([id, { payload }]) => ({ id, payload, receivedAt: new Date(0) })))
      await edge.begin(edge.echo(), { alone: true })
      await slack.until(() => seen().includes('heard releases'))
      expect(edge.heard).toHaveLength(2)
    })

    test('that a replica acknowledged and died over is done by another one, while the living one works on its own', async () => {
      const dead = await edge.begin(edge.echo(() => edge.never), { inbox: { ...edge.inbox, hold: () => Promise.resolve() } })
      await ana().command(channel, '/convox releases')
      await slack.until(() => edge.heard.length === 1)
      edge.abandon(dead)
      let finish = (): void => undefined
      const gate = new Promise<void>((resolve) => {
        finish = resolve
      })
      const own: string[] = []
      await edge.begin(edge.echo((_desk, incoming) => {
        own.push(incoming.kind === 'command' ? incoming.text : '')
        return gate
      }), { takeOver: { every: 50, idle: 0.4 } })
      await slack.until(() => own.length === 1)
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      expect(own).toEqual(['releases'])
      finish()
      await slack.until(() => seen().includes('heard releases'))
    })

    test('whose answer was given as the database went away is not answered again', async () => {
      await edge.begin(edge.echo(async () => {
        edge.inbox.away = true
      }), { takeOver: { every: 50, idle: 5 } })
      await ana().command(channel, '/convox releases')
      await slack.until(() => edge.logged.join('').includes('was not marked handled'))
      edge.inbox.away = false
      await slack.until(() => [...edge.inbox.kept.values()].every((one) => one.handled))
      expect(edge.heard).toHaveLength(1)
    })

    test('of a double click is one click, of two people two', async () => {
      await edge.begin()
      await edge.begin()
      await postButton()
      const clicks = [ana(), ana(), slack.as('U2BO')].map((person) => person.click(card(), 'Show diff'))
      expect((await Promise.all(clicks)).map((click) => click.ok)).toEqual([true, true, true])
      await slack.until(() => edge.heard.length === 2)
      await new Promise((resolve) => setTimeout(resolve, 100))
      expect(edge.heard).toHaveLength(2)
    })

    test('of an event that nobody listens to is acknowledged at once and not kept', async () => {
      await edge.begin()
      await postButton()
      slack.as('U1ANA').say(channel, 'good morning')
      await ana().command(channel, '/convox help')
      await slack.until(() => seen().includes('heard help'))
      expect(edge.inbox.kept.size).toBe(1)
    })

    test('of an event that is no message is kept, handled and said to nobody', async () => {
      await edge.begin()
      slack.setChannel('C1REL', { archived: true })
      await slack.until(() => edge.inbox.kept.size === 1)
      await slack.until(() => [...edge.inbox.kept.values()].every((one) => one.handled))
      expect(edge.heard).toEqual([])
    })

    test('that cannot be kept says that the database does not answer, and nothing is done', async () => {
      await edge.begin()
      edge.inbox.away = true
      const outcome = await ana().command(channel, '/convox releases promote RA')
      expect(outcome).toMatchObject({ ok: true, answer: { ephemeral: true, text: expect.stringContaining('The database does not answer. Nothing new starts, nothing is lost.') } })
      await postButton()
      await ana().click(card(), 'Show diff')
      await slack.until(() => seen().split('The database does not answer.').length === 3)
      ana().say(channel, '<@UCONVOX01> releases')
      await slack.until(() => seen().split('The database does not answer.').length === 4)
      expect(edge.heard).toEqual([])
    })

    test('that its handler cannot answer is marked handled and logged', async () => {
      await edge.begin({ ...edge.echo(), dispatch: () => Promise.reject(new Error('a bug')) })
      await ana().command(channel, '/convox help')
      await slack.until(() => [...edge.inbox.kept.values()].some((one) => one.handled))
      expect(edge.logged.join('')).toContain('a delivery was not answered')
    })

    test('of a direct message is answered there', async () => {
      await edge.begin(edge.echo((desk, incoming) => (incoming.kind === 'command' && incoming.text === 'file' ? desk.slack.sayFile('a.txt', 'a') : Promise.resolve())))
      await ana().command(channel, '/convox file')
      const direct = await slack.until(() => slack.workspace.channels().find((one) => one.im === 'U1ANA'))
      await ana().command(direct.id, '/convox help')
      await slack.until(() => seen('U1ANA', direct.id).includes('heard help'))
    })
  })

  describe('a modal', () => {
    const form = {
      type: 'modal', callback_id: 'reject_promotion', private_metadata: 'PAAAAAAAAAA', title: { type: 'plain_text', text: 'Reject promotion' }, submit: { type: 'plain_text', text: 'Reject' },
      blocks: [{ type: 'input', block_id: 'reason', label: { type: 'plain_text', text: 'Reason' }, element: { type: 'plain_text_input', action_id: 'reason' } }],
    } as const

    const opening = (errors: SubmissionErrors = null) => edge.echo(async (desk, incoming) => {
      if (incoming.kind === 'command') await desk.slack.openModal({ ...form, blocks: [...form.blocks] })
    }, errors)
    const open = async () => {
      await ana().command(channel, '/convox x')
      return slack.until(() => ana().openView())
    }

    test('opens by the trigger, and its submission knows the channel it came from', async () => {
      await edge.begin(opening())
      await expect(ana().submit(await open(), { Reason: 'not today' })).resolves.toEqual({ kind: 'closed' })
      await slack.until(() => seen().includes('heard PAAAAAAAAAA'))
      expect(edge.heard.at(-1)).toEqual({ kind: 'submission', view: 'reject_promotion', metadata: 'PAAAAAAAAAA', fields: { reason: 'not today' } })
    })

    test('shows what is wrong under its field and stays open', async () => {
      await edge.begin(opening({ reason: 'Say why in a few words.' }))
      await expect(ana().submit(await open(), { Reason: 'x' })).resolves.toEqual({ kind: 'errors', errors: { reason: 'Say why in a few words.' } })
      expect(ana().openView()).toBeDefined()
    })

    test('says in its place that the database does not answer', async () => {
      await edge.begin(opening())
      const view = await open()
      edge.inbox.away = true
      await expect(ana().submit(view, { Reason: 'x' })).resolves.toEqual({ kind: 'updated' })
      expect(JSON.stringify(ana().openView()?.body)).toContain('The database does not answer.')
    })

    test('whose trigger is used up gives null, never a dead click', async () => {
      const opened: (string | null)[] = []
      await edge.begin(edge.echo(async (desk, incoming) => {
        if (incoming.kind !== 'command') return
        opened.push(await desk.slack.openModal({ ...form, blocks: [...form.blocks] }), await desk.slack.openModal({ ...form, blocks: [...form.blocks] }))
      }))
      slack.fail('views.open', { error: 'expired_trigger_id' })
      await ana().command(channel, '/convox x')
      await slack.until(() => opened.length === 2)
      expect(opened).toEqual([null, null])
    })
  })

  describe('the surface', () => {
    test('answers otherwise once a response_url is used up', async () => {
      await edge.begin(edge.echo(async (desk) => {
        for (let count = 1; count <= 6; count += 1) await say(desk, `answer ${count}`)
      }))
      await ana().command(channel, '/convox x')
      await slack.until(() => seen().includes('heard x'))
      expect([1, 2, 3, 4, 5, 6].filter((count) => seen().includes(`answer ${count}`))).toHaveLength(6)
      expect(slack.requests('chat.postEphemeral')).toHaveLength(2)
    })

    test('answers by direct message where it can whisper to nobody', async () => {
      edge.inbox = createInbox([{ id: 'E9', payload: writeDelivery({ ...leftOver, channel: 'C3SECRET' }), receivedAt: new Date(0) }])
      await edge.begin(edge.echo(), { alone: true })
      await slack.until(() => slack.workspace.channels().some((one) => one.im === 'U1ANA' && seen('U1ANA', one.id).includes('heard apps')))
    })

    test('sends a file by direct message', async () => {
      await edge.begin(edge.echo((desk) => desk.slack.sayFile('diff.txt', 'line 1\nline 2')))
      await ana().command(channel, '/convox x')
      await slack.until(() => slack.workspace.channels().some((one) => one.im === 'U1ANA' && seen('U1ANA', one.id).includes('diff.txt')))
    })

    test('knows names, and leaves out whom Slack does not know', async () => {
      const names: object[] = []
      await edge.begin(edge.echo(async (desk) => void names.push(await desk.slack.names(['U1ANA', 'U9NOBODY', 'C1REL']))))
      await ana().command(channel, '/convox x')
      await slack.until(() => names.length === 1)
      expect(names).toEqual([{ U1ANA: 'ana', C1REL: 'releases' }])
    })

    test('links to a card, or to none yet', async () => {
      const links: (string | null)[] = []
      await edge.begin(edge.echo(async (desk) => void links.push(await desk.slack.permalinkOfCard('PAAAAAAAAAA'))))
      edge.outbox.begin(promotionView(), channel)
      await slack.until(() => edge.outbox.quiet())
      await ana().command(channel, '/convox x')
      await slack.until(() => links.length === 1)
      expect(links[0]).toContain(channel)
    })

    test.each([
      ['one it is in', 'C1REL', {}, { ok: true }],
      ['a public one, which it joins', 'C2OPS', {}, { ok: true }],
      ['a private one', 'C3SECRET', {}, { ok: false, why: 'not_in_channel' }],
      ['an archived one', 'C2OPS', { archived: true }, { ok: false, why: 'archived' }],
      ['one shared with another company', 'C1REL', { shared: true }, { ok: false, why: 'shared' }],
      ['one that another company was invited to', 'C1REL', { pendingShared: true }, { ok: false, why: 'shared' }],
      ['a read-only one', 'C2OPS', { readOnly: true }, { ok: false, why: 'read_only' }],
      ['one without threads', 'C1REL', { restriction: 'restricted_action_non_threadable_channel' }, { ok: false, why: 'no_threads' }],
      ['one with threads only', 'C2OPS', { restriction: 'restricted_action_thread_only_channel' }, { ok: false, why: 'threads_only' }],
      ['a direct message', 'D0CONVOX', null, { ok: false, why: 'direct' }],
      ['something that is none', 'nowhere', null, { ok: false, why: 'not_found' }],
    ] as const)('checks a channel: %s', async (_name, asked, change, expected) => {
      const checks: object[] = []
      if (change !== null) slack.setChannel(asked, change)
      await edge.begin(edge.echo(async (desk) => void checks.push(await desk.slack.checkChannel(asked))))
      await slack.as('U1ANA').command('C1REL', '/convox x')
      await slack.until(() => checks.length === 1)
      expect(checks).toEqual([expected])
      if (asked === 'C2OPS' && expected.ok) expect(slack.workspace.channel('C2OPS')?.members).toContain('UCONVOX01')
    })

    test('tells who acts: members by their role, a guest by a refusal', async () => {
      const roles: string[] = []
      await edge.begin(edge.echo((desk) => desk.identify().then((actor) => void roles.push(`${actor.name} ${actor.role}`), (error: unknown) => void roles.push(String(error)))))
      for (const user of ['U1ANA', 'U2BO', 'U3CY']) await slack.as(user).command(channel, '/convox x')
      await slack.until(() => roles.length === 3)
      expect(roles.toSorted()).toEqual(['RefusalError: not_a_member', 'ana approver', 'bo admin'])
    })
  })

  describe('what Slack grants', () => {
    test('is said at start and in readiness: what is missing, in words', async () => {
      await edge.close()
      edge = await startEdge(transport, { scopes: ['commands', 'chat:write', 'users:read', 'channels:read', 'app_mentions:read', 'im:history'] })
      slack = edge.slack
      const bot = await edge.begin()
      expect(bot.trouble()).toBeNull()
      expect(bot.notes()).toContain('Slack does not let me send what is too long for an answer as a file: scope files:write is missing. A workspace admin installs the app again from the Slack app manifest.')
      expect(edge.logged.join('')).toContain('scope usergroups:read is missing')
    })

    test('keeps the bot from being ready when it is of no use without', async () => {
      await edge.close()
      edge = await startEdge(transport, { scopes: ['commands', 'users:read', 'channels:read'] })
      slack = edge.slack
      const bot = await edge.begin()
      expect(bot.trouble()).toContain('Slack does not let me post and redraw cards: scope chat:write is missing')
    })

    test.each([['invalid_auth'], ['token_revoked'], ['account_inactive']] as const)('is taken back (%s): nothing comes in and readiness says why, until it is good again', async (state) => {
      const bot = await edge.begin()
      slack.setToken(state)
      bot.lookAtToken()
      await slack.until(() => !bot.connected())
      expect(bot.trouble()).toContain(`Slack refuses SLACK_BOT_TOKEN (${state})`)
      await expect(ana().command(channel, '/convox help')).resolves.toMatchObject({ ok: false })
      expect(edge.heard).toEqual([])
      slack.setToken('ok')
      bot.lookAtToken()
      await slack.until(() => bot.trouble() === null)
      await ana().command(channel, '/convox help')
      await slack.until(() => seen().includes('heard help'))
    })
  })

  test('an app that is removed is noticed at once, by its last event', async () => {
    const bot = await edge.begin()
    slack.uninstall()
    await slack.until(() => bot.trouble()?.includes('Slack refuses SLACK_BOT_TOKEN'))
    expect(bot.connected()).toBe(false)
  })

  test('an announcement is said promptly: it does not stand behind thread lines', async () => {
    const store = edge.outbox.store('one')
    const asked: string[] = []
    let left: readonly ToSay[] = [{
      id: 1, epoch: 1, rack: 'prod', severalRacks: false, app: 'shop', channel, told: { kind: 'unlocked', by: 'U1ANA' }, state: 'pending', attempts: 0, tried: null, looks: 0, createdAt: new Date(),
    }]
    const yes = () => Promise.resolve(true)
    const announcements: AnnouncementStore = {
      claim: () => {
        const now = left
        left = []
        return Promise.resolve(now)
      },
      sending: yes, sent: yes, unknown: yes, later: yes, dead: yes, onWork: () => () => undefined,
    }
    await edge.begin(edge.echo(), {
      announcements: [announcements],
      store: {
        ...store, takeLane: (name, rule, urgency, waited) => {
          asked.push(`${name} ${urgency}`)
          return store.takeLane(name, rule, urgency, waited)
        },
      },
    })
    await slack.until(() => asked.length > 0)
    expect(asked).toEqual([`chat.postMessage ${channel} prompt`])
  })

  describe('a stop', () => {
    test('waits for what was taken', async () => {
      let finish = (): void => undefined
      const gate = new Promise<void>((resolve) => {
        finish = resolve
      })
      const bot = await edge.begin(edge.echo(() => gate))
      await ana().command(channel, '/convox slow')
      await slack.until(() => edge.heard.length === 1)
      const stopped = bot.stop()
      finish()
      await stopped
      expect(seen()).toContain('heard slow')
      expect(bot.connected()).toBe(false)
    })

    test('ends the sending at once, not after the deliveries', async () => {
      let silent = false
      const no = () => Promise.resolve(false)
      const nothing: AnnouncementStore = {
        claim: () => Promise.resolve([]), sending: no, sent: no, unknown: no, later: no, dead: no, onWork: () => () => {
          silent = true
        },
      }
      let finish = (): void => undefined
      const gate = new Promise<void>((resolve) => {
        finish = resolve
      })
      const bot = await edge.begin(edge.echo(() => gate), { announcements: [nothing] })
      await ana().command(channel, '/convox slow')
      await slack.until(() => edge.heard.length === 1)
      const stopped = bot.stop()
      await slack.until(() => silent)
      expect(seen()).not.toContain('heard slow')
      finish()
      await stopped
      expect(seen()).toContain('heard slow')
    })

    test('of one replica loses nothing: what was acknowledged is answered, by whoever took it', async () => {
      const [leaving] = [await edge.begin(), await edge.begin()]
      const outcomes = Array.from({ length: 20 }, async (_, count) => {
        await new Promise((resolve) => setTimeout(resolve, count * 10))
        const { ok } = await ana().command(channel, `/convox apps ${count} end`)
        return ok ? [`heard apps ${count} end`] : []
      })
      await new Promise((resolve) => setTimeout(resolve, 80))
      await leaving.stop()
      const acknowledged = (await Promise.all(outcomes)).flat()
      expect(acknowledged.length).toBeGreaterThan(10)
      await slack.until(() => acknowledged.every((answer) => seen().includes(answer)))
      expect(edge.heard).toHaveLength(new Set(edge.heard.map((one) => JSON.stringify(one))).size)
      await slack.until(() => [...edge.inbox.kept.values()].every((one) => one.handled))
    })

    test('before Slack ever answered ends the start', async () => {
      slack.fail('auth.test', { status: 503, times: 100 })
      const starting = edge.begin()
      const [bot] = edge.bots
      await slack.until(() => slack.requests('auth.test').length > 0)
      await bot?.stop()
      await expect(starting).rejects.toThrow(/stopped|aborted/u)
    })
  })

  test('what a predecessor acknowledged and did not finish is done again, once', async () => {
    edge.inbox = createInbox([{ id: 'E9', payload: writeDelivery(leftOver), receivedAt: new Date(0) }, { id: 'E8', payload: 'of an older version', receivedAt: new Date(0) }])
    await edge.begin(edge.echo(), { alone: true })
    await slack.until(() => seen().includes('heard apps'))
    expect(edge.heard).toHaveLength(1)
    await slack.until(() => [...edge.inbox.kept.values()].every((one) => one.handled))
  })

  test('the log at debug level holds no token, response_url, trigger or typed value', async () => {
    await edge.begin()
    await ana().command(channel, '/convox env set SECRET=hunter2hunter2')
    await slack.until(() => seen().includes('heard env set'))
    const [kept] = [...edge.inbox.kept.values()]
    const { responseUrl } = JSON.parse(kept?.payload ?? '{}')
    expect(typeof responseUrl).toBe('string')
    for (const secret of ['hunter2', tokens.botToken, tokens.appToken, signingSecret, responseUrl]) expect(edge.logged.join('')).not.toContain(secret)
  })
})

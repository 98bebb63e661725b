import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createBot, type Bot } from '../../src/bot/app.ts'
import type { Desk, Incoming, SubmissionErrors } from '../../src/bot/context.ts'
import { writeDelivery } from '../../src/bot/receive/delivery.ts'
import type { Handlers } from '../../src/bot/receive/handle.ts'
import { plainPolicy } from '../../src/rack/roles.ts'
import type { SimulatedSlack } from '../../sandbox/slack/start.ts'
import { createOutbox, type Outbox } from './delivery/support/memory-store.ts'
import { promotionView } from './delivery/support/promotion.ts'
import { quick, startWorkspace, tokens } from './delivery/support/workspace.ts'
import { createInbox, type MemoryInbox } from './receive/memory-inbox.ts'

const channel = 'C1REL'
const leftOver = { id: 'E9', incoming: { kind: 'command', text: 'apps' }, user: 'U1ANA', channel, direct: false, shared: false, responseUrl: null, threadTs: null } as const
let slack: SimulatedSlack
let outbox: Outbox
let inbox: MemoryInbox
let bots: Bot[]
let heard: Incoming[]
let logged: string[]

beforeEach(async () => {
  slack = await startWorkspace()
  outbox = createOutbox()
  inbox = createInbox()
  bots = []
  heard = []
  logged = []
})
afterEach(async () => {
  await Promise.all(bots.map((bot) => bot.stop()))
  await slack.close()
})

const say = (desk: Desk, text: string): Promise<void> => desk.slack.answer({ text, blocks: [] })

/** Answers every delivery with what it heard; `before` may do more. */
const echo = (before: (desk: Desk, incoming: Incoming) => Promise<void> = () => Promise.resolve(), errors: SubmissionErrors = null): Handlers => {
  const dispatch: Handlers['dispatch'] = async (desk, incoming) => {
    heard.push(incoming)
    await before(desk, incoming)
    if (incoming.kind !== 'click') await say(desk, `heard ${incoming.kind === 'submission' ? incoming.metadata : incoming.text}`)
  }
  return { dispatch, submit: (desk, incoming) => ({ errors: Promise.resolve(errors), done: errors === null ? dispatch(desk, incoming) : Promise.resolve() }) }
}

const begin = async (handlers = echo(), change: Partial<Parameters<typeof createBot>[0]> = {}): Promise<Bot> => {
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) })
  const bot = createBot({
    config: { ...tokens, slackApiUrl: slack.apiUrl, roles: plainPolicy([], []) }, racks: [], inbox, store: outbox.store('one'), handlers, log, clock: () => new Date(), timings: quick, ...change,
  })
  bots.push(bot)
  await bot.start()
  return bot
}
const seen = (user = 'U1ANA', where = channel): string => slack.seenBy(user, where)
const ana = () => slack.as('U1ANA')

/** Posts a button that only opens things, as the bot would. */
const postButton = async (): Promise<void> => {
  outbox.begin(promotionView({ status: 'rolling_out' }), channel)
  await slack.until(() => outbox.record('PAAAAAAAAAA').card.ts)
}
const card = () => {
  const found = slack.messages(channel).find((message) => message.metadata !== undefined)
  if (found === undefined) throw new Error('no card')
  return found
}

describe('a delivery', () => {
  test('is kept, acknowledged, answered and marked handled', async () => {
    await begin()
    await expect(ana().command(channel, '/convox releases -a shop')).resolves.toMatchObject({ ok: true })
    await slack.until(() => seen().includes('heard releases -a shop'))
    expect(heard).toEqual([{ kind: 'command', text: 'releases -a shop' }])
    await slack.until(() => [...inbox.kept.values()].every((one) => one.handled))
    expect(inbox.kept.size).toBe(1)
    expect(seen('U2BO')).not.toContain('heard')
  })

  test('by mention is answered to the person alone', async () => {
    await begin()
    ana().say(channel, '<@UCONVOX01> releases')
    await slack.until(() => seen().includes('heard releases'))
    expect(seen('U2BO')).not.toContain('heard')
  })

  test('of a click carries action, value and place', async () => {
    await begin(echo((desk) => say(desk, `in ${desk.place.channel}`)))
    await postButton()
    await ana().click(card(), 'Show diff')
    await slack.until(() => seen().includes('in C1REL'))
    expect(heard).toEqual([{ kind: 'click', action: 'show_diff', value: 'PAAAAAAAAAA:1', on: 'message' }])
  })

  test('that comes twice is answered once', async () => {
    await begin()
    await ana().command(channel, '/convox help')
    await slack.until(() => heard.length === 1)
    const [id = ''] = inbox.kept.keys()
    await expect(inbox.accept({ id, payload: '' })).resolves.toBe(false)
  })

  test('that cannot be kept says that the database does not answer, and nothing is done', async () => {
    await begin()
    inbox.away = true
    const outcome = await ana().command(channel, '/convox releases promote RA')
    expect(outcome).toMatchObject({ ok: true, answer: { ephemeral: true, text: expect.stringContaining('The database does not answer. Nothing new starts, nothing is lost.') } })
    await postButton()
    await ana().click(card(), 'Show diff')
    await slack.until(() => seen().split('The database does not answer.').length === 3)
    ana().say(channel, '<@UCONVOX01> releases')
    await slack.until(() => seen().split('The database does not answer.').length === 4)
    expect(heard).toEqual([])
  })

  test('that its handler cannot answer is marked handled and logged', async () => {
    await begin({ ...echo(), dispatch: () => Promise.reject(new Error('a bug')) })
    await ana().command(channel, '/convox help')
    await slack.until(() => [...inbox.kept.values()].some((one) => one.handled))
    expect(logged.join('')).toContain('a delivery was not answered')
  })

  test('of a direct message is answered there', async () => {
    await begin(echo((desk, incoming) => (incoming.kind === 'command' && incoming.text === 'file' ? desk.slack.sayFile('a.txt', 'a') : Promise.resolve())))
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

  const opening = (errors: SubmissionErrors = null) => echo(async (desk, incoming) => {
    if (incoming.kind === 'command') await desk.slack.openModal({ ...form, blocks: [...form.blocks] })
  }, errors)
  const open = async () => {
    await ana().command(channel, '/convox x')
    return slack.until(() => ana().openView())
  }

  test('opens by the trigger, and its submission knows the channel it came from', async () => {
    await begin(opening())
    await expect(ana().submit(await open(), { Reason: 'not today' })).resolves.toEqual({ kind: 'closed' })
    await slack.until(() => seen().includes('heard PAAAAAAAAAA'))
    expect(heard.at(-1)).toEqual({ kind: 'submission', view: 'reject_promotion', metadata: 'PAAAAAAAAAA', fields: { reason: 'not today' } })
  })

  test('shows what is wrong under its field and stays open', async () => {
    await begin(opening({ reason: 'Say why in a few words.' }))
    await expect(ana().submit(await open(), { Reason: 'x' })).resolves.toEqual({ kind: 'errors', errors: { reason: 'Say why in a few words.' } })
    expect(ana().openView()).toBeDefined()
  })

  test('says in its place that the database does not answer', async () => {
    await begin(opening())
    const view = await open()
    inbox.away = true
    await expect(ana().submit(view, { Reason: 'x' })).resolves.toEqual({ kind: 'updated' })
    expect(JSON.stringify(ana().openView()?.body)).toContain('The database does not answer.')
  })

  test('whose trigger is used up gives null, never a dead click', async () => {
    const opened: (string | null)[] = []
    await begin(echo(async (desk, incoming) => {
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
    await begin(echo(async (desk) => {
      for (let count = 1; count <= 6; count += 1) await say(desk, `answer ${count}`)
    }))
    await ana().command(channel, '/convox x')
    await slack.until(() => seen().includes('heard x'))
    expect([1, 2, 3, 4, 5, 6].filter((count) => seen().includes(`answer ${count}`))).toHaveLength(6)
    expect(slack.requests('chat.postEphemeral')).toHaveLength(2)
  })

  test('answers by direct message where it can whisper to nobody', async () => {
    inbox = createInbox([{ id: 'E9', payload: writeDelivery({ ...leftOver, channel: 'C3SECRET' }), receivedAt: new Date(0) }])
    await begin()
    await slack.until(() => slack.workspace.channels().some((one) => one.im === 'U1ANA' && seen('U1ANA', one.id).includes('heard apps')))
  })

  test('sends a file by direct message', async () => {
    await begin(echo((desk) => desk.slack.sayFile('diff.txt', 'line 1\nline 2')))
    await ana().command(channel, '/convox x')
    await slack.until(() => slack.workspace.channels().some((one) => one.im === 'U1ANA' && seen('U1ANA', one.id).includes('diff.txt')))
  })

  test('knows names, and leaves out whom Slack does not know', async () => {
    const names: object[] = []
    await begin(echo(async (desk) => void names.push(await desk.slack.names(['U1ANA', 'U9NOBODY', 'C1REL']))))
    await ana().command(channel, '/convox x')
    await slack.until(() => names.length === 1)
    expect(names).toEqual([{ U1ANA: 'ana', C1REL: 'releases' }])
  })

  test('links to a card, or to none yet', async () => {
    const links: (string | null)[] = []
    await begin(echo(async (desk) => void links.push(await desk.slack.permalinkOfCard('PAAAAAAAAAA'))))
    outbox.begin(promotionView(), channel)
    await slack.until(() => outbox.quiet())
    await ana().command(channel, '/convox x')
    await slack.until(() => links.length === 1)
    expect(links[0]).toContain(channel)
  })

  test.each([
    ['one it is in', 'C1REL', {}, { ok: true }],
    ['a public one, which it joins', 'C2OPS', {}, { ok: true }],
    ['a private one', 'C3SECRET', {}, { ok: false, why: 'not_in_channel' }],
    ['an archived one', 'C2OPS', { archived: true }, { ok: false, why: 'archived' }],
    ['one shared with another company', 'C1REL', { shared: true }, { ok: false, why: 'not_allowed' }],
    ['something that is none', 'nowhere', null, { ok: false, why: 'not_found' }],
  ] as const)('checks a channel: %s', async (_name, asked, change, expected) => {
    const checks: object[] = []
    if (change !== null) slack.setChannel(asked, change)
    await begin(echo(async (desk) => void checks.push(await desk.slack.checkChannel(asked))))
    await slack.as('U1ANA').command('C1REL', '/convox x')
    await slack.until(() => checks.length === 1)
    expect(checks).toEqual([expected])
    if (asked === 'C2OPS' && expected.ok) expect(slack.workspace.channel('C2OPS')?.members).toContain('UCONVOX01')
  })

  test('tells who acts: members by their role, a guest by a refusal', async () => {
    const roles: string[] = []
    await begin(echo((desk) => desk.identify().then((actor) => void roles.push(`${actor.name} ${actor.role}`), (error: unknown) => void roles.push(String(error)))))
    for (const user of ['U1ANA', 'U2BO', 'U3CY']) await slack.as(user).command(channel, '/convox x')
    await slack.until(() => roles.length === 3)
    expect(roles.toSorted()).toEqual(['RefusalError: not_a_member', 'ana approver', 'bo admin'])
  })
})

describe('the connection', () => {
  test('is there once start settles, and says who is what', async () => {
    const bot = await begin()
    expect(bot.connected()).toBe(true)
    expect(logged.join('')).toMatch(/speaking as convox in Acme; admins: the owners and admins of the workspace/u)
  })

  test('comes back after its sockets were killed', async () => {
    const bot = await begin()
    const before = slack.requests('apps.connections.open').length
    slack.killSockets()
    await slack.until(() => slack.requests('apps.connections.open').length > before && bot.connected() && slack.connections() > 0)
    await ana().command(channel, '/convox help')
    await slack.until(() => seen().includes('heard help'))
  })

  test.each([['warning'], ['refresh_requested']] as const)('moves to a new socket when Slack says %s, without a deaf moment', async (reason) => {
    await begin()
    const before = slack.requests('apps.connections.open').length
    slack.disconnect(reason)
    await slack.until(() => slack.requests('apps.connections.open').length > before && slack.connections() > 0)
    await expect(ana().command(channel, '/convox help')).resolves.toMatchObject({ ok: true })
    await slack.until(() => seen().includes('heard help'))
  })

  test('is tried until Slack has one for us', async () => {
    slack.fail('apps.connections.open', { status: 503, times: 6 })
    const bot = await begin()
    expect(bot.connected()).toBe(true)
  })

  test('waits for a Slack that does not answer yet', async () => {
    slack.fail('auth.test', { status: 503 })
    const bot = await begin()
    expect(bot.connected()).toBe(true)
    expect(logged.join('')).toContain('Slack does not answer yet')
  })

  test('is refused with words where the token is', async () => {
    slack.setToken('invalid_auth')
    await expect(begin()).rejects.toThrow('Slack refuses SLACK_BOT_TOKEN (invalid_auth)')
  })
})

describe('a stop', () => {
  test('waits for what was taken', async () => {
    let finish = (): void => undefined
    const gate = new Promise<void>((resolve) => {
      finish = resolve
    })
    const bot = await begin(echo(() => gate))
    await ana().command(channel, '/convox slow')
    await slack.until(() => heard.length === 1)
    const stopped = bot.stop()
    finish()
    await stopped
    expect(seen()).toContain('heard slow')
    expect(bot.connected()).toBe(false)
  })

  test('before Slack ever answered ends the start', async () => {
    slack.fail('auth.test', { status: 503, times: 100 })
    const starting = begin()
    const [bot] = bots
    await slack.until(() => slack.requests('auth.test').length > 0)
    await bot?.stop()
    await expect(starting).rejects.toThrow(/stopped|aborted/u)
  })
})

test('what a predecessor acknowledged and did not finish is done again, once', async () => {
  inbox = createInbox([{ id: 'E9', payload: writeDelivery(leftOver), receivedAt: new Date(0) }, { id: 'E8', payload: 'of an older version', receivedAt: new Date(0) }])
  await begin()
  await slack.until(() => seen().includes('heard apps'))
  expect(heard).toHaveLength(1)
  await slack.until(() => [...inbox.kept.values()].every((one) => one.handled))
})

test('the log at debug level holds no token, response_url, trigger or typed value', async () => {
  await begin()
  await ana().command(channel, '/convox env set SECRET=hunter2hunter2')
  await slack.until(() => seen().includes('heard env set'))
  const [kept] = [...inbox.kept.values()]
  const { responseUrl } = JSON.parse(kept?.payload ?? '{}')
  expect(typeof responseUrl).toBe('string')
  for (const secret of ['hunter2', tokens.botToken, tokens.appToken, responseUrl]) expect(logged.join('')).not.toContain(secret)
})

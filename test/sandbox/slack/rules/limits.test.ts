import { describe, expect, it } from 'vitest'
import { createRateLimits, type Limits } from '../../../../sandbox/slack/rate-limits.ts'
import { tiers } from '../../../../sandbox/slack/web-api/method.ts'
import { methodTiers } from '../../../../sandbox/slack/web-api/serve.ts'
import { ana, botToken, closeAfterEach, general, releases, slackFor } from '../workspace.ts'

closeAfterEach()

/** How many calls pass at once, and how many in the minute after that when one is tried every 100 ms. */
const passing = (name: string, tier: (typeof tiers)[number], limits: Limits = {}) => {
  let now = 0
  const { take } = createRateLimits(() => now, limits)
  let atOnce = 0
  while (take(name, tier, 'C1') === 0) atOnce++
  let later = 0
  for (now = 100; now <= 60_000; now += 100) if (take(name, tier, 'C1') === 0) later++
  return { atOnce, later }
}

describe('the rate of', () => {
  it.each<[string, (typeof tiers)[number], object, object]>([
    ['a tier 1 method', 1, { atOnce: 1, later: 1 }, { atOnce: 1, later: 0 }],
    ['a tier 2 method', 2, { atOnce: 20, later: 20 }, { atOnce: 1, later: 10 }],
    ['a tier 3 method', 3, { atOnce: 50, later: 50 }, { atOnce: 1, later: 25 }],
    ['a tier 4 method', 4, { atOnce: 100, later: 100 }, { atOnce: 1, later: 50 }],
    ['posting in a channel', 'posting', { atOnce: 10, later: 60 }, { atOnce: 1, later: 30 }],
  ])('%s is what Slack gives, and half of it without bursts when it is harsh', (_name, tier, usual, harsh) => {
    expect(passing('x', tier)).toEqual(usual)
    expect(passing('x', tier, { harsh: true })).toEqual(harsh)
  })

  it('a method may be set, and so may posting', () => {
    expect(passing('x', 3, { methods: { x: { perMinute: 6, burst: 2 } }, harsh: true })).toEqual({ atOnce: 2, later: 6 })
    expect(passing('x', 'posting', { posting: { perMinute: 120, burst: 5 } })).toEqual({ atOnce: 5, later: 120 })
  })

  it('one channel is not that of another, but all together have theirs', () => {
    const { take } = createRateLimits(() => 0, { everywhere: { perMinute: 60, burst: 12 } })
    const posted = ['C1', 'C2'].map(
      (channel) => Array.from({ length: 10 }, () => take('chat.postMessage', 'posting', channel)).filter((wait) => wait === 0).length,
    )
    expect(posted).toEqual([10, 2])
    expect(take('chat.update', 3, 'C1')).toBe(0)
  })
})

/** docs.slack.dev reference/methods, as in reference/slack.md 3.2. */
const tiersOf: Record<string, string[]> = {
  2: ['conversations.list', 'usergroups.list', 'usergroups.users.list', 'users.list'],
  3: [
    'apps.connections.open',
    'chat.delete',
    'chat.update',
    'conversations.history',
    'conversations.info',
    'conversations.join',
    'conversations.open',
    'conversations.replies',
    'reactions.add',
  ],
  4: [
    'blocks.validate',
    'chat.postEphemeral',
    'conversations.members',
    'files.completeUploadExternal',
    'files.getUploadURLExternal',
    'files.info',
    'users.info',
    'views.open',
    'views.publish',
    'views.push',
    'views.update',
  ],
  posting: ['chat.postMessage'],
  special: ['auth.test', 'chat.getPermalink'],
}

describe('a method', () => {
  it('has the tier that Slack gives it', () => {
    const found: Record<string, string[]> = {}
    for (const name of Object.keys(methodTiers).sort()) (found[String(methodTiers[name])] ??= []).push(name)
    expect(found).toEqual(tiersOf)
  })
})

describe('a call too many', () => {
  const call = (api: string, method: string, body: string) =>
    fetch(`${api}${method}`, { method: 'POST', headers: { authorization: `Bearer ${botToken}`, 'content-type': 'application/x-www-form-urlencoded' }, body })

  it('is answered 429 with Retry-After, for its method alone', async () => {
    let now = 1_800_000_000_000
    const slack = await slackFor({ now: () => now, limits: { harsh: true } })
    const open = `users=${ana}`
    expect((await call(slack.apiUrl, 'conversations.open', open)).status).toBe(200)
    const limited = await call(slack.apiUrl, 'conversations.open', open)
    expect([limited.status, limited.headers.get('retry-after'), await limited.json()]).toEqual([429, '3', { ok: false, error: 'ratelimited' }])
    expect((await call(slack.apiUrl, 'conversations.info', `channel=${releases}`)).status).toBe(200)
    now += 2_400
    expect((await call(slack.apiUrl, 'conversations.open', open)).status).toBe(200)
  })

  it('does nothing', async () => {
    const slack = await slackFor({ now: () => 1_800_000_000_000, limits: { harsh: true } })
    await call(slack.apiUrl, 'chat.postMessage', `channel=${releases}&text=one`)
    expect((await call(slack.apiUrl, 'chat.postMessage', `channel=${releases}&text=two`)).status).toBe(429)
    expect(slack.transcript(releases)).toBe('convox: one')
  })

  it('counts for the channel whatever it is called', async () => {
    const slack = await slackFor({ now: () => 1_800_000_000_000, limits: { posting: { perMinute: 60, burst: 1 } } })
    const direct = slack.as(ana).openHome()
    const statuses = []
    for (const channel of [general, '%23general', ana, direct])
      statuses.push((await call(slack.apiUrl, 'chat.postMessage', `channel=${channel}&text=x`)).status)
    expect(statuses).toEqual([200, 429, 200, 429])
  })
})

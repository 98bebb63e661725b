import { describe, expect, it } from 'vitest'
import { countRequests } from '../../../../sandbox/slack/request-count.ts'
import { boltFor } from '../bolt-app.ts'
import { ana, bo, clientFor, closeAfterEach, cy, general, refusal, releases, secret, slackFor } from '../workspace.ts'

closeAfterEach()

const usergroups = [{ id: 'SONCALL01', handle: 'oncall', users: [ana, cy] }]

describe('what somebody sees', () => {
  it('is what is in their channels and for them, with their modals', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    await boltFor(slack, (app) => {
      app.command('/convox', async ({ ack, command }) => {
        await ack({ text: 'only for you' })
        await client.views.open({
          trigger_id: command.trigger_id,
          view: {
            type: 'modal',
            title: { type: 'plain_text', text: 'Difference' },
            close: { type: 'plain_text', text: 'Close' },
            blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*image* old → new' } }],
          },
        })
      })
    })
    await client.chat.postMessage({ channel: releases, text: 'for all' })
    slack.as(ana).say(secret, 'between us')
    await slack.as(ana).command(releases, '/convox diff')
    await slack.until(() => slack.as(ana).openView())
    expect(slack.screen(ana)).toBe(
      [
        '#shop-releases',
        'convox: for all\nconvox (only visible to ana): only for you',
        '#general',
        '',
        '#secret',
        'ana: between us',
        '[modal: Difference]',
        'image old → new',
        '(Close)',
      ].join('\n'),
    )
    expect(slack.screen(cy)).toBe('#shop-releases\nconvox: for all\n#general\n')
  })

  it('is kept with its time, edits and deletions included', async () => {
    let now = 1_800_000_000_000
    const slack = await slackFor({ now: () => now })
    const client = clientFor(slack)
    const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'rolling out' })
    now += 700
    await client.chat.update({ channel: releases, ts, text: 'rolled back' })
    await client.chat.postEphemeral({ channel: releases, user: bo, text: 'psst' })
    await client.chat.delete({ channel: releases, ts })
    expect(slack.sightings(releases).map(({ at, what, text, to }) => [at - 1_800_000_000_000, what, text, to])).toEqual([
      [0, 'posted', 'rolling out', undefined],
      [700, 'edited', 'rolled back', undefined],
      [700, 'whispered', 'psst', bo],
      [700, 'deleted', '', undefined],
    ])
    expect(slack.sightings(general)).toEqual([])
  })

  it('comes so long after the change that it shows', async () => {
    let now = 1_800_000_000_000
    const slack = await slackFor({ now: () => now })
    const client = clientFor(slack)
    const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'rolling out' })
    const verdict = now + 100
    now += 1_600
    await client.chat.update({ channel: releases, ts, text: 'rolled back: web crashed' })
    const shows = (text: string) => text.includes('rolled back')
    expect(slack.gap({ at: verdict, shows })).toBe(1_500)
    expect(slack.gap({ at: now + 5, shows })).toBe(0)
    expect(slack.gap({ at: verdict, shows, channel: general })).toBe(Infinity)
  })
})

describe('who is notified', () => {
  const whom = async (text: string, more: { usergroups?: typeof usergroups } = { usergroups }) => {
    const slack = await slackFor(more)
    await clientFor(slack).chat.postMessage({ channel: releases, text })
    return slack.notified().map((one) => `${one.user} ${one.why}`)
  }

  it.each<[string, string, string[]]>([
    ['whom it names', `<@${bo}>`, [`${bo} mention`]],
    ['the members of a group it names', '<!subteam^SONCALL01>', [`${ana} group`, `${cy} group`]],
    ['nobody for a group that is not there', '<!subteam^SOTHER001>', []],
    ['everybody for a mass mention', '<!here>', [`${ana} everyone`, `${bo} everyone`, `${cy} everyone`]],
    ['nobody for one that was escaped', '&lt;!here&gt; @here', []],
    ['nobody for a name in plain text', '@bo', []],
  ])('of a message is %s', async (_name, text, expected) => {
    expect(await whom(text)).toEqual(expected)
  })

  it('is nobody when a message changes, is whispered or was refused', async () => {
    const slack = await slackFor()
    const client = clientFor(slack)
    const { ts = '' } = await client.chat.postMessage({ channel: releases, text: 'quiet' })
    await client.chat.update({ channel: releases, ts, text: `<@${bo}>` })
    await client.chat.postEphemeral({ channel: releases, user: bo, text: `<@${bo}>` })
    slack.setChannel(releases, { archived: true })
    await refusal(client.chat.postMessage({ channel: releases, text: `<@${bo}>` }))
    expect(slack.notified()).toEqual([])
  })
})

describe('requests', () => {
  it('are counted by method and minute, and what was limited apart', async () => {
    let now = 1_800_000_000_000
    const slack = await slackFor({ now: () => now, limits: { methods: { 'users.info': { perMinute: 60, burst: 2 } } } })
    const ask = () => clientFor(slack).users.info({ user: ana })
    await ask()
    await ask()
    await expect(ask()).rejects.toMatchObject({ retryAfter: 1 })
    now += 59_000
    await ask()
    now += 1_000
    await ask()
    await clientFor(slack).auth.test()
    expect(slack.counts()).toEqual({
      'users.info': { calls: 5, limited: 1, busiestMinute: 3 },
      'auth.test': { calls: 1, limited: 0, busiestMinute: 1 },
    })
    expect(countRequests([])).toEqual({})
  })
})

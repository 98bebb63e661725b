import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import type { Desk } from '../../../src/bot/context.ts'
import { dispatch, submit } from '../../../src/bot/dispatch.ts'
import { loadingView } from '../../../src/bot/messages/modals.ts'
import { refuse } from '../../../src/rack/refusal.ts'
import { rackThat } from '../desk.ts'
import { startEdge, type Edge } from '../edge.ts'

const channel = 'C1REL'
let edge: Edge
let slack: SimulatedSlack
beforeEach(async () => {
  edge = await startEdge('socket')
  slack = edge.slack
})
afterEach(() => edge.close())

const seen = (): string => slack.workspace.channels().map(({ id }) => slack.seenBy('U1ANA', id)).join('\n')
const done = (): Promise<unknown> => slack.until(() => edge.inbox.kept.size > 0 && [...edge.inbox.kept.values()].every(({ handled }) => handled))

describe('the failure of an answer is not the failure of the work', () => {
  const begin = () => edge.begin({ dispatch, submit }, { racks: [rackThat({})] })

  test('one 429 delays the answer to a mention', async () => {
    await begin()
    slack.fail('chat.postEphemeral', { status: 429, retryAfter: 1 })
    slack.as('U1ANA').say(channel, '<@UCONVOX01> help promote')
    await slack.until(() => seen().includes('releases promote'))
    await done()
    expect(seen()).not.toContain('failed on our side')
  })

  test('an answer that gets through nowhere is in the log, and nothing else is said', async () => {
    await begin()
    slack.fail('chat.postEphemeral', { status: 500, times: 2 })
    slack.fail('conversations.open', { status: 500, times: 2 })
    slack.as('U1ANA').say(channel, '<@UCONVOX01> help promote')
    await done()
    expect(edge.logged.join('')).toContain('a delivery was not answered')
    expect(edge.logged.join('')).not.toContain('a delivery failed')
    expect(seen()).not.toMatch(/failed on our side|releases promote/)
  })
})

test('a refusal that the open modal does not show is answered instead', async () => {
  await edge.begin({ dispatch, submit }, { racks: [rackThat({ readEnv: () => Promise.resolve().then(() => refuse({ code: 'app_not_found', app: 'shop', nearest: [] })) })] })
  slack.fail('views.update', { status: 503, times: 9 })
  await slack.as('U2BO').command(channel, '/convox env edit -a shop')
  await slack.until(() => slack.seenBy('U2BO', channel).includes('app not found: shop'))
  await done()
})

describe('what goes beside an answer', () => {
  const withDesk = (work: (desk: Desk) => Promise<void>) => edge.begin(edge.echo(work))
  const command = () => slack.as('U1ANA').command(channel, '/convox x')

  test('a modal that Slack does not open now is too late, whatever it said', async () => {
    const opened: (string | null)[] = []
    await withDesk(async (desk) => void opened.push(await desk.slack.openModal(loadingView('shop'))))
    for (const failure of [{ status: 429, retryAfter: 1 }, { status: 503 }, { drop: true }, { error: 'expired_trigger_id' }]) {
      slack.fail('views.open', failure)
      await command()
    }
    await slack.until(() => opened.length === 4)
    expect(opened).toEqual([null, null, null, null])
  })

  test('a modal is drawn although Slack did not take it at first', async () => {
    slack.fail('views.update', { status: 503 })
    slack.fail('views.update', { status: 429, retryAfter: 1 })
    await withDesk(async (desk) => {
      const view = await desk.slack.openModal(loadingView('shop'))
      await desk.slack.updateModal(view ?? '', loadingView('mail'))
    })
    await command()
    await slack.until(() => slack.screen('U1ANA').includes('mail'))
  })

  test('a file is sent although Slack did not take it at first', async () => {
    slack.fail('files.getUploadURLExternal', { status: 503 })
    await withDesk((desk) => desk.slack.sayFile('audit.csv', 'a,b'))
    await command()
    await slack.until(() => seen().includes('audit.csv'))
  })

  test.each([
    [{ status: 503, times: 9 }, { code: 'file_not_sent', name: 'audit.csv' }],
    [{ error: 'missing_scope' }, { code: 'missing_scope', what: 'send files', scope: 'files:write' }],
  ])('a file that Slack does not take (%o) is told of by name, as nothing else that failed', async (failure, problem) => {
    slack.fail('files.getUploadURLExternal', failure)
    const problems: unknown[] = []
    await withDesk((desk) => desk.slack.sayFile('audit.csv', 'a,b').catch((error: unknown) => void problems.push(error)))
    await command()
    await slack.until(() => problems.length === 1)
    expect(problems).toMatchObject([{ problem }])
  })
})

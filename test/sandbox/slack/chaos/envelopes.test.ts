import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { troubledEnvelopes } from '../../../../sandbox/slack/chaos/envelopes.ts'
import { randomOf } from '../../../../sandbox/slack/chaos/random.ts'
import type { EnvelopeKind } from '../../../../sandbox/slack/chaos/script.ts'
import type { SimulatedSlack } from '../../../../sandbox/slack/start.ts'
import { ana, appToken, clientFor, closeAfterEach, closing, releases, slackFor } from '../workspace.ts'

closeAfterEach()

const envelope = z.object({ envelope_id: z.string(), payload: z.object({ text: z.string(), trigger_id: z.string() }) })
type Envelope = z.output<typeof envelope>

/** An app that acknowledges everything and remembers what came. */
const listen = async (slack: SimulatedSlack): Promise<Envelope[]> => {
  const { url = '' } = await clientFor(slack, appToken).apps.connections.open({})
  const socket = new WebSocket(url)
  closing(async () => socket.terminate())
  const came: Envelope[] = []
  await new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const parsed = envelope.safeParse(JSON.parse(String(data)))
      if (!parsed.success) return resolve()
      came.push(parsed.data)
      socket.send(JSON.stringify({ envelope_id: parsed.data.envelope_id }))
    })
  })
  return came
}

const troubled = (slack: SimulatedSlack, kind: EnvelopeKind): string[] => {
  const occurred: string[] = []
  slack.tamper(troubledEnvelopes([{ kind, share: 1, most: 1, ms: 60 }], randomOf(1), (what) => occurred.push(what)))
  return occurred
}

describe('an envelope that goes astray', () => {
  it('comes twice as it is', async () => {
    const slack = await slackFor()
    const came = await listen(slack)
    const occurred = troubled(slack, 'same envelope twice')
    expect((await slack.as(ana).command(releases, '/convox one')).ok).toBe(true)
    await slack.until(() => came.length === 2)
    expect(came[1]).toEqual(came[0])
    expect(occurred).toEqual([`same envelope twice: slash_commands ${releases} 1`])
  })

  it('comes again under another envelope id with the same trigger', async () => {
    const slack = await slackFor()
    const came = await listen(slack)
    troubled(slack, 'new envelope for the same')
    expect((await slack.as(ana).command(releases, '/convox one')).ok).toBe(true)
    await slack.until(() => came.length === 2)
    expect(came[1]?.payload).toEqual(came[0]?.payload)
    expect(came[1]?.envelope_id).not.toBe(came[0]?.envelope_id)
  })

  it('is overtaken by what was sent after it', async () => {
    const slack = await slackFor()
    const came = await listen(slack)
    troubled(slack, 'envelopes out of order')
    const both = await Promise.all(['one', 'two'].map((text) => slack.as(ana).command(releases, `/convox ${text}`)))
    expect(both.map(({ ok }) => ok)).toEqual([true, true])
    expect(came.map(({ payload }) => payload.text)).toEqual(['two', 'one'])
  })

  it('is the one that its rule names, of each channel', () => {
    const decide = troubledEnvelopes([{ kind: 'same envelope twice', nth: 2, most: 5, ms: 0 }], randomOf(1), () => undefined)
    const command = (channel_id: string) => ({ type: 'slash_commands' as const, payload: { channel_id } })
    const click = { type: 'interactive' as const, payload: { channel: { id: 'C2' } } }
    const dialog = { type: 'interactive' as const, payload: { type: 'view_submission' } }
    const met = [command('C1'), command('C2'), dialog, dialog, click, command('C1'), click].map((envelope) => decide(envelope).length === 2)
    expect(met).toEqual([false, false, false, false, true, true, false])
  })
})

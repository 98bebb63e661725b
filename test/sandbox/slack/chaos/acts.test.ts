import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { happenings, type ChaosPlace } from '../../../../sandbox/slack/chaos/acts.ts'
import { actKinds, type ActKind } from '../../../../sandbox/slack/chaos/script.ts'
import type { SimulatedSlack } from '../../../../sandbox/slack/start.ts'
import { appToken, bo, clientFor, closeAfterEach, closing, refusal, releases, slackFor } from '../workspace.ts'

closeAfterEach()

const groupId = 'S0GROUP'
const frame = z.object({ envelope_id: z.string().optional(), type: z.string(), reason: z.string().optional() })

/** A bare connection that acknowledges whatever it gets; `frames` is what came. */
const connect = async (slack: SimulatedSlack): Promise<{ readonly socket: WebSocket; readonly frames: z.output<typeof frame>[] }> => {
  const { url = '' } = await clientFor(slack, appToken).apps.connections.open({})
  const socket = new WebSocket(url)
  closing(async () => socket.terminate())
  const frames: z.output<typeof frame>[] = []
  await new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const came = frame.parse(JSON.parse(String(data)))
      frames.push(came)
      if (came.envelope_id !== undefined) socket.send(JSON.stringify({ envelope_id: came.envelope_id }))
      resolve()
    })
  })
  return { socket, frames }
}

interface Scene {
  readonly slack: SimulatedSlack
  readonly connections: readonly Awaited<ReturnType<typeof connect>>[]
  readonly killed: readonly string[]
  readonly post: (text?: string) => Promise<string>
  readonly update: (ts: string) => Promise<unknown>
}

/** A workspace in which `kind` happens right before the second post or redraw in its channel. */
const sceneOf = async (kind: ActKind): Promise<Scene> => {
  const slack = await slackFor({ ackTime: 300, usergroups: [{ id: groupId, handle: 'approvers', users: [bo] }] })
  const killed: string[] = []
  const place: ChaosPlace = { slack, channels: [releases], person: bo, group: groupId, killProcess: (caller) => killed.push(caller) }
  slack.misbehave(happenings([{ kind, channel: 0, nth: 2 }], place, () => undefined))
  const connections = [await connect(slack), await connect(slack)]
  const client = clientFor(slack)
  return {
    slack,
    connections,
    killed,
    post: async (text = 'hello') => String((await client.chat.postMessage({ channel: releases, text })).ts),
    update: (ts) => client.chat.update({ channel: releases, ts, text: 'changed' }),
  }
}

/** What is different once it has happened. */
const after: Record<ActKind, (scene: Scene, ts: string) => Promise<void>> = {
  'socket killed': async ({ slack, connections, post }) => {
    const gone = new Promise((resolve) => connections[0]?.socket.once('close', resolve))
    await post()
    await gone
    expect(slack.connections()).toBe(1)
  },
  'socket half-open': async ({ slack, connections, post }) => {
    await post()
    expect(slack.connections()).toBe(2)
    const outcomes = await Promise.all(['a', 'b'].map((text) => slack.as(bo).command(releases, `/convox ${text}`)))
    expect(outcomes.map(({ ok }) => ok).toSorted()).toEqual([false, true])
    expect(connections.map(({ socket }) => socket.readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN])
  },
  'sockets refreshed': async ({ slack, connections, post }) => {
    await post()
    await slack.until(() => connections.every(({ frames }) => frames.some(({ type, reason }) => type === 'disconnect' && reason === 'refresh_requested')))
  },
  'parent deleted': async ({ slack, update }, ts) => {
    expect(await refusal(update(ts))).toMatchObject({ error: 'message_not_found' })
    expect(slack.messages(releases)).toEqual([])
  },
  'channel archived': async ({ update }, ts) => expect(await refusal(update(ts))).toMatchObject({ error: 'is_archived' }),
  'bot thrown out': async ({ slack, post }) => {
    await post()
    expect(slack.workspace.channel(releases)?.members).not.toContain(slack.workspace.bot.userId)
  },
  'user deactivated': async ({ slack, post }) => {
    await post()
    await expect(slack.as(bo).command(releases, '/convox help')).rejects.toThrow('is deactivated')
  },
  'user group emptied': async ({ slack, post }) => {
    await post()
    expect(await clientFor(slack).usergroups.users.list({ usergroup: groupId })).toMatchObject({ ok: true, users: [] })
  },
  'edit window closed': async ({ post, update }, ts) => {
    expect(await refusal(update(ts))).toMatchObject({ error: 'edit_window_closed' })
    // What is posted after it may be edited.
    await expect(update(await post())).resolves.toMatchObject({ ok: true })
  },
  'process killed': async ({ killed, post }) => {
    await expect(post()).rejects.toThrow()
    expect(killed).toHaveLength(1)
    expect(killed[0]).toMatch(/^127\.0\.0\.1:\d+$/u)
  },
}

describe('what happens before the second post or redraw', () => {
  it.each(actKinds)('does what its kind says: %s', async (kind) => {
    const scene = await sceneOf(kind)
    await after[kind](scene, await scene.post('first'))
  })
})

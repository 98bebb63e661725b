import { WebSocket } from 'ws'
import type { SimulatedSlack } from '../../../sandbox/slack/start.ts'
import { appToken, clientFor, closing } from './workspace.ts'

type Frame = Record<string, unknown>
const isFrame = (value: unknown): value is Frame => typeof value === 'object' && value !== null

/** A bare Socket Mode client that only does what a test says. */
export const connect = async (slack: SimulatedSlack) => {
  const { url = '' } = await clientFor(slack, appToken).apps.connections.open({})
  const socket = new WebSocket(url)
  const frames: Frame[] = []
  let wake = () => undefined
  socket.on('message', (data) => {
    const frame: unknown = JSON.parse(String(data))
    if (isFrame(frame)) frames.push(frame)
    wake()
  })
  closing(async () => socket.terminate())
  const next = async (type: string): Promise<Frame> => {
    for (;;) {
      const at = frames.findIndex((one) => one['type'] === type)
      const found = frames[at]
      if (found) {
        frames.splice(at, 1)
        return found
      }
      await new Promise<void>((resolve) => (wake = () => void resolve()))
    }
  }
  const ack = (frame: Frame, payload?: unknown) =>
    socket.send(JSON.stringify({ envelope_id: frame['envelope_id'], ...(payload === undefined ? {} : { payload }) }))
  const hello = await next('hello')
  return { socket, frames, next, ack, hello }
}

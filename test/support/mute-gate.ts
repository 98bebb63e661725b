import { connect, createServer, type Socket } from 'node:net'
import { listen } from '../../sandbox/cluster/gate.ts'

/** A door whose open connections can fall silent for good, as with a machine that vanished: nothing comes, nothing is closed. New ones pass. */
export interface MuteGate {
  readonly port: number
  mute(): void
  /** The connection that sends this text falls silent right after it: an answer comes, nothing more is sent. */
  muteAfter(text: string): void
  /** The other side notices at last: what was muted is closed there. */
  forget(): void
  close(): Promise<void>
}

export const openMuteGate = async (inner: number): Promise<MuteGate> => {
  const live = new Map<Socket, Socket>()
  const muted: Socket[] = []
  const last = new Set<string>()
  const server = createServer({ noDelay: true }, (outside) => {
    const inside = connect({ port: inner, host: '127.0.0.1', noDelay: true })
    live.set(outside, inside)
    for (const [one, other] of [[outside, inside], [inside, outside]] as const) {
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        live.delete(outside)
        if (!muted.includes(inside)) other.destroy()
      })
    }
    // After the pipe, which has passed it on by then.
    outside.on('data', (chunk: Buffer) => {
      if (![...last].some((text) => chunk.includes(text))) return
      outside.unpipe(inside)
      outside.resume()
      muted.push(inside)
    })
  })
  const port = await listen(server, 0)
  return {
    port,
    mute: () => {
      for (const [outside, inside] of live) {
        outside.unpipe(inside)
        inside.unpipe(outside)
        outside.resume()
        inside.resume()
        muted.push(inside)
      }
    },
    muteAfter: (text) => void last.add(text),
    forget: () => {
      for (const inside of muted.splice(0)) inside.destroy()
    },
    close: () => new Promise((resolve) => {
      for (const [outside, inside] of live) {
        outside.destroy()
        inside.destroy()
      }
      server.close(() => resolve())
    }),
  }
}

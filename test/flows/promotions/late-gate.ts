import { connect, createServer } from 'node:net'
import { listen } from '../../../sandbox/cluster/gate.ts'

/** A door before the API server behind which questions can wait while answers still pass: what was sent arrives late, whatever became of its sender. */
export interface LateGate {
  readonly port: number
  /** From now on what is asked waits here. */
  hold(): void
  /** Bytes that wait. */
  waiting(): number
  /** What waits goes on, also that of a process which is gone. */
  release(): void
  close(): Promise<void>
}

export const openLateGate = async (inner: number): Promise<LateGate> => {
  let held: { readonly bytes: Buffer; readonly send: (bytes: Buffer) => void }[] | null = null
  const server = createServer({ noDelay: true }, (outside) => {
    const inside = connect({ port: inner, host: '127.0.0.1', noDelay: true })
    for (const [one, other] of [[outside, inside], [inside, outside]] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    const send = (bytes: Buffer): void => void inside.write(bytes)
    outside.on('data', (bytes) => {
      if (held === null) send(bytes)
      else held.push({ bytes, send })
    })
    inside.on('data', (bytes) => void outside.write(bytes))
  })
  return {
    port: await listen(server, 0),
    hold: () => {
      held ??= []
    },
    waiting: () => (held ?? []).reduce((sum, { bytes }) => sum + bytes.length, 0),
    release: () => {
      for (const { bytes, send } of held ?? []) send(bytes)
      held = null
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

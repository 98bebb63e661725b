import { connect, createServer } from 'node:net'
import { listen } from '../../../sandbox/cluster/gate.ts'

/** A door before Postgres that can lose the answer to a commit: the work is done and nobody hears of it. */
export interface LossyGate {
  readonly port: number
  /** The answers to the next `times` commits of transactions that wrote facts are lost. */
  lose(times: number): void
  /** How many were lost so far. */
  lost(): number
  close(): Promise<void>
}

export const openLossyGate = async (inner: number): Promise<LossyGate> => {
  let armed = 0
  let lost = 0
  const server = createServer({ noDelay: true }, (outside) => {
    const inside = connect({ port: inner, host: '127.0.0.1', noDelay: true })
    let wroteFacts = false
    for (const [one, other] of [[outside, inside], [inside, outside]] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    outside.on('data', (chunk) => {
      if (chunk.includes('insert into "outbox"')) wroteFacts = true
      inside.write(chunk)
    })
    inside.on('data', (chunk) => {
      if (chunk.includes('COMMIT\0') && wroteFacts) {
        wroteFacts = false
        if (armed > 0) {
          armed -= 1
          lost += 1
          outside.resetAndDestroy()
          return
        }
      }
      outside.write(chunk)
    })
  })
  const port = await listen(server, 0)
  return {
    port, lost: () => lost,
    lose: (times) => {
      armed = times
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

import { connect, createServer, type Server, type Socket } from 'node:net'

/** The door before the API server: shut, bytes stay where they are and nothing is closed, as with a frozen machine. */
export interface Gate {
  port: number
  pause(): void
  resume(): void
  /** Resets every open connection. */
  drop(): void
  close(): Promise<void>
}

export const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
      else reject(new Error('the server has no port'))
    })
  })

/** Opens `port` (0: any) on 127.0.0.1 and passes everything on to `inner`. */
export const openGate = async (port: number, inner: number): Promise<Gate> => {
  const pairs = new Map<Socket, Socket>()
  let shut = false
  const pass = (from: Socket, to: Socket): void => {
    from.pipe(to)
    // A lost peer is ordinary here: the other side is closed with it.
    from.on('error', () => to.destroy())
    from.on('close', () => {
      to.destroy()
      pairs.delete(from)
    })
    if (shut) from.unpipe(to).pause()
  }
  const server = createServer({ noDelay: true }, (outside) => {
    const inside = connect({ port: inner, host: '127.0.0.1', noDelay: true })
    pairs.set(outside, inside)
    pass(outside, inside)
    pass(inside, outside)
  })
  const opened = await listen(server, port)
  const drop = (): void => {
    for (const [outside, inside] of pairs) {
      outside.resetAndDestroy()
      inside.destroy()
    }
    pairs.clear()
  }
  return {
    port: opened,
    pause: () => {
      shut = true
      for (const [outside, inside] of pairs) {
        outside.unpipe(inside).pause()
        inside.unpipe(outside).pause()
      }
    },
    resume: () => {
      shut = false
      for (const [outside, inside] of pairs) {
        outside.pipe(inside)
        inside.pipe(outside)
      }
    },
    drop,
    close: () =>
      new Promise((resolve) => {
        drop()
        server.close(() => resolve())
      }),
  }
}

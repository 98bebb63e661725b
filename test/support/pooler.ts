import { connect, createServer, type Socket } from 'node:net'
import { listen } from '../../sandbox/cluster/gate.ts'

/** A door before Postgres that behaves as PgBouncer does with its defaults. */
export interface Pooler {
  readonly port: number
  /** What clients asked for in their first message, without repeats. */
  readonly asked: ReadonlySet<string>
  close(): Promise<void>
}

/** PgBouncer's own, and nothing in `ignore_startup_parameters`. */
const known = ['user', 'database', 'client_encoding', 'datestyle', 'timezone', 'standard_conforming_strings', 'application_name'] as const

const frame = (type: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}
const greeting = Buffer.concat([frame('R', Buffer.alloc(4)), frame('K', Buffer.alloc(8)), frame('Z', Buffer.from('I'))])
const refusal = (parameter: string): Buffer => frame('E', Buffer.from(`SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: ${parameter}\0\0`))

/** Names of the parameters of a StartupMessage. */
const parametersOf = (startup: Buffer): string[] => startup.subarray(8).toString().split('\0').filter((_, index) => index % 2 === 0).filter((name) => name !== '')

/** Calls `each` with every whole message of a server, and keeps the rest. */
const frames = (each: (message: Buffer) => void): ((chunk: Buffer) => void) => {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const length = rest.readInt32BE(1) + 1
      each(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
  }
}

interface Server { readonly socket: Socket; client: Socket | null }

/** Opens one before the Postgres on `inner`; in `transaction` mode a client has a server until its transaction is over, the last that came back first. */
export const openPooler = async (inner: number, mode: 'session' | 'transaction'): Promise<Pooler> => {
  const asked = new Set<string>()
  const sockets = new Set<Socket>()
  const idle: Server[] = []
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
  }
  const open = (): Socket => keep(connect({ port: inner, host: '127.0.0.1', noDelay: true }))

  const openServer = (startup: Buffer): Promise<Server> => new Promise((resolve) => {
    const server: Server = { socket: open(), client: null }
    let ready = false
    server.socket.on('data', frames((message) => {
      server.client?.write(message)
      if (message.toString('latin1', 0, 1) !== 'Z' || message.toString('latin1', 5, 6) !== 'I') return
      if (ready) {
        server.client = null
        idle.push(server)
      } else {
        ready = true
        resolve(server)
      }
    }))
    server.socket.write(startup)
  })

  const served = (client: Socket, startup: Buffer): void => {
    let mine: Server | null = null
    let sent: Promise<void> = Promise.resolve()
    client.on('data', (chunk: Buffer) => {
      sent = sent.then(async () => {
        // Its farewell is for the pooler alone.
        if (chunk.toString('latin1', 0, 1) === 'X') return void client.end()
        if (mine === null || mine.client !== client) mine = idle.pop() ?? (await openServer(startup))
        mine.client = client
        mine.socket.write(chunk)
      })
    })
    client.write(greeting)
  }
  const passed = (client: Socket, startup: Buffer): void => {
    const server = open()
    server.write(startup)
    client.pipe(server)
    server.pipe(client)
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  }

  const gate = createServer({ noDelay: true }, (client) => {
    keep(client).once('data', (startup: Buffer) => {
      const names = parametersOf(startup)
      for (const name of names) asked.add(name)
      const unknown = names.find((name) => !known.some((one) => one === name.toLowerCase()))
      if (unknown !== undefined) client.end(refusal(unknown))
      else if (mode === 'session') passed(client, startup)
      else served(client, startup)
    })
  })
  const port = await listen(gate, 0)
  return {
    port, asked,
    close: () => new Promise((resolve) => {
      for (const socket of sockets) socket.destroy()
      gate.close(() => resolve())
    }),
  }
}

import type { Http2SecureServer } from 'node:http2'

/** Listens on any free port of 127.0.0.1 and tells which. */
export const serverPort = (server: Http2SecureServer): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
      else reject(new Error('the API server has no port'))
    })
  })

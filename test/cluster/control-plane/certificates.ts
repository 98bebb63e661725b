import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** The files that the API server needs before it starts. */
export interface Certificates {
  /** Of the API server, for 127.0.0.1; it is its own authority. */
  serverCert: string
  serverKey: string
  /** Signs service account tokens. */
  serviceAccountKey: string
}

/** Writes a fresh set into the folder. */
export const writeCertificates = async (folder: string): Promise<Certificates> => {
  const pems = await generate([{ name: 'commonName', value: 'slipway-test-control-plane' }], {
    keySize: 2048,
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 2, value: 'localhost' },
          { type: 2, value: 'kubernetes.default.svc' },
        ],
      },
    ],
  })
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const write = (name: string, text: string) => {
    const file = join(folder, name)
    writeFileSync(file, text, { mode: 0o600 })
    return file
  }
  return { serverCert: write('server.crt', pems.cert), serverKey: write('server.key', pems.private), serviceAccountKey: write('sa.key', privateKey) }
}

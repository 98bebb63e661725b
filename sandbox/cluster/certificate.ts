import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** PEM texts and the bearer token. */
export interface Identity {
  authority: string
  certificate: string
  key: string
  token: string
}

const files = { authority: 'ca.crt', certificate: 'server.crt', key: 'server.key', token: 'token' } as const

const made = async (): Promise<Identity> => {
  const year = 365 * 24 * 3600 * 1000
  const notAfterDate = new Date(Date.now() + 10 * year)
  const common = { keyType: 'ec', algorithm: 'sha256', notAfterDate } as const
  const authority = await generate([{ name: 'commonName', value: 'sandbox-ca' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
    ],
  })
  const server = await generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: 'kubernetes.default.svc' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { authority: authority.cert, certificate: server.cert, key: server.private, token: randomBytes(24).toString('base64url') }
}

/** Makes the certificates, or reads those that an earlier start left in `directory`. */
export const identity = async (directory: string | undefined): Promise<Identity> => {
  if (directory === undefined) return made()
  const paths = { authority: join(directory, files.authority), certificate: join(directory, files.certificate), key: join(directory, files.key), token: join(directory, files.token) }
  if (Object.values(paths).every((path) => existsSync(path))) {
    const read = (path: string): string => readFileSync(path, 'utf8')
    return { authority: read(paths.authority), certificate: read(paths.certificate), key: read(paths.key), token: read(paths.token) }
  }
  const fresh = await made()
  mkdirSync(directory, { recursive: true })
  writeFileSync(paths.authority, fresh.authority)
  writeFileSync(paths.certificate, fresh.certificate)
  writeFileSync(paths.key, fresh.key, { mode: 0o600 })
  writeFileSync(paths.token, fresh.token, { mode: 0o600 })
  return fresh
}

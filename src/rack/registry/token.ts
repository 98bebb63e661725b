import { z } from 'zod'
import type { Challenge } from './challenge.ts'
import type { Credential } from './credentials.ts'
import { isSameSite } from './hosts.ts'
import type { Transport } from './transport.ts'
import { discard, readBody, request, speaksPlainHttp, Unreachable } from './transport.ts'

const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() })

/** Ours: no registry's token comes near it. */
const maxTokenBytes = 1024 * 1024

const basic = ({ username, password }: Credential): string => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Which credential a token realm gets; throws where the registry would have it sent to a stranger. */
const credentialFor = (realm: URL, registry: URL, credential: Credential | undefined, transport: Transport): Credential | undefined => {
  // Plain http only from a registry that is asked that way itself: nobody else may point us at this machine.
  const plain = realm.protocol === 'http:' && registry.protocol === 'http:' && speaksPlainHttp(realm.host, transport.plainHttp)
  if (realm.protocol !== 'https:' && !plain) throw new Unreachable(`wants its token from ${realm.protocol}//${realm.host}, which is not asked`)
  if (credential !== undefined && !isSameSite(registry.host, realm.host)) {
    throw new Unreachable(`wants its password sent to ${realm.host}, a host of another domain, which is not done`)
  }
  return credential
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    // Neither it nor a cause of ours may quote the text: it may hold the token.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const readToken = (text: string): string => {
  const parsed = tokenSchema.safeParse(parseJson(text))
  const token = parsed.success ? (parsed.data.token ?? parsed.data.access_token) : undefined
  if (token === undefined || token === '') throw new Unreachable('gave no token')
  return token
}

const fetchToken = async (
  challenge: Challenge & { scheme: 'bearer' },
  repository: string,
  registry: URL,
  credential: Credential | undefined,
  transport: Transport,
): Promise<string> => {
  if (!URL.canParse(challenge.realm)) throw new Unreachable('names no usable token realm')
  const url = new URL(challenge.realm)
  const allowed = credentialFor(url, registry, credential, transport)
  if (challenge.service !== undefined) url.searchParams.set('service', challenge.service)
  url.searchParams.set('scope', challenge.scope ?? `repository:${repository}:pull`)
  const response = await request(url, 'GET', { Accept: 'application/json', ...(allowed === undefined ? {} : { Authorization: basic(allowed) }) }, transport)
  if (response.ok) return readToken((await readBody(response, maxTokenBytes, transport)).toString())
  await discard(response)
  const status = `${response.status} ${response.statusText}`.trim()
  const refused = credential === undefined ? 'refuses to be read without credentials' : 'refuses these credentials'
  if ([400, 401, 403].includes(response.status)) throw new Unreachable(`${refused}: ${status}`)
  throw new Unreachable(`gave no token: ${status}`)
}

/** The `Authorization` header that answers a challenge. Throws Unreachable when there is none, or none that may be given. */
export const answerChallenge = async (
  challenge: Challenge,
  repository: string,
  registry: URL,
  credential: Credential | undefined,
  transport: Transport,
): Promise<string> => {
  if (challenge.scheme === 'bearer') return `Bearer ${await fetchToken(challenge, repository, registry, credential, transport)}`
  if (credential === undefined) throw new Unreachable('refuses to be read without credentials: 401 Unauthorized')
  return basic(credential)
}

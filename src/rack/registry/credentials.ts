import { z } from 'zod'

/** A name and a password for one registry. */
export interface Credential {
  readonly username: string
  readonly password: string
}

/** Credentials by registry host and port; Docker Hub is `docker.io`. */
export type Credentials = ReadonlyMap<string, Credential>

/** Credentials, or every problem of the file at once; no problem holds a secret. */
export type ParsedCredentials = { readonly ok: true; readonly credentials: Credentials } | { readonly ok: false; readonly errors: readonly string[] }

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
})

const configSchema = z.object({
  auths: z.record(z.string(), entrySchema).optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
})

type Entry = z.infer<typeof entrySchema>

/** `https://index.docker.io/v1/` -> `docker.io`; `https://host:5000/v2/` -> `host:5000`. Undefined for a key with another path. */
const hostOf = (key: string): string | undefined => {
  const match = /^(?:https?:\/\/)?([^/]+)(\/(?:v[12]\/?)?)?$/.exec(key)
  const host = match?.[1]
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}

const fromAuth = (auth: string): Credential | undefined => {
  const text = /^[A-Za-z0-9+/=\s]+$/.test(auth) ? Buffer.from(auth, 'base64').toString() : ''
  const colon = text.indexOf(':')
  return colon < 1 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

const credentialOf = (entry: Entry): Credential | string => {
  if (entry.identitytoken || entry.registrytoken) return 'identity and registry tokens are not supported: give username and password'
  if (entry.username && entry.password) return { username: entry.username, password: entry.password }
  if (entry.auth) return fromAuth(entry.auth) ?? '`auth` is not base64 of name:password'
  return 'it has neither `auth` nor username and password'
}

const helperErrors = (config: z.infer<typeof configSchema>): readonly string[] => {
  const says = 'is not supported: no helper program runs here. Put the credentials under `auths`.'
  return [
    ...(config.credsStore ? [`DOCKER_CONFIG: \`credsStore\` ${says}`] : []),
    ...(Object.keys(config.credHelpers ?? {}).length > 0 ? [`DOCKER_CONFIG: \`credHelpers\` ${says}`] : []),
  ]
}

const parseJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    // The parser's message quotes the text, which holds passwords: it must not go anywhere.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Reads the text of a Docker config.json: `auths` alone. Never throws. */
export const parseDockerConfig = (text: string): ParsedCredentials => {
  const json = parseJson(text)
  if (json === undefined) return { ok: false, errors: ['DOCKER_CONFIG: the file is not JSON.'] }
  const parsed = configSchema.safeParse(json.value)
  if (!parsed.success) return { ok: false, errors: parsed.error.issues.map((issue) => `DOCKER_CONFIG: \`${issue.path.join('.')}\`: ${issue.message}.`) }
  const errors = [...helperErrors(parsed.data)]
  const credentials = new Map<string, Credential>()
  for (const [key, entry] of Object.entries(parsed.data.auths ?? {})) {
    const host = hostOf(key)
    // Docker leaves an empty entry behind when a helper keeps the secret: the helper's error says enough.
    if (Object.values(entry).every((value) => value === undefined || value === '') && errors.length > 0) continue
    const credential = host === undefined ? 'a registry is named by its host, without a path' : credentialOf(entry)
    if (typeof credential === 'string' || host === undefined) errors.push(`DOCKER_CONFIG: \`auths\` of ${key}: ${String(credential)}.`)
    else credentials.set(host, credential)
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, credentials }
}

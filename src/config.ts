import { rackName, readConfigFile, type ConfigFile } from './config-file.ts'
import { readRack, type RackConfig, type RackDefaults, type Wrong } from './config-racks.ts'
import { readTransport, type TransportConfig } from './config-transport.ts'
import { parseDockerConfig, type Credentials } from './rack/registry/credentials.ts'
import { plainPolicy, type RolePolicy } from './rack/roles.ts'
import type { SecretKey } from './rack/seal.ts'

/** The settings of one process, validated together. */
export interface Config {
  readonly slack: { readonly botToken: string; readonly apiUrl: string | undefined } & TransportConfig
  readonly roles: RolePolicy
  readonly database: { readonly kind: 'postgres'; readonly url: string } | { readonly kind: 'embedded'; readonly directory: string }
  /** Null: the embedded default makes a key file beside its data. */
  readonly secretKeys: readonly [SecretKey, ...SecretKey[]] | null
  /** The first one is meant where none is named. */
  readonly racks: readonly [RackConfig, ...RackConfig[]]
  readonly port: number
  readonly instance: string
  readonly registry: { readonly credentials: Credentials; readonly plainHttp: readonly string[] }
  readonly logLevel: LogLevel
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** One setting that cannot be used, and what to do. */
export interface SettingProblem { readonly setting: string; readonly problem: string; readonly fix: string }

/** Every problem of the settings at once; exit code 78 (EX_CONFIG of sysexits.h). */
export class ConfigError extends Error {
  readonly problems: readonly SettingProblem[]
  constructor(problems: readonly SettingProblem[]) {
    super(['Slipway cannot start with these settings:', ...problems.map(({ setting, problem, fix }) => `  ${setting}: ${problem}. ${fix}`)].join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** What reading settings needs of the machine. `readFile` answers null for a file that is not there. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readFile(path: string): string | null
  readonly hostname: string
}

const isLogLevel = (word: string): word is LogLevel => logLevels.some((level) => level === word)
const list = (text: string | undefined): string[] => (text ?? '').split(/[\s,]+/).filter((word) => word !== '')
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** `id:base64(32 bytes)[,id:…]`. */
const readKeys = (text: string): readonly SecretKey[] | string => {
  const keys: SecretKey[] = []
  for (const word of text.split(',')) {
    const [id, encoded] = word.trim().split(':')
    if (id === undefined || encoded === undefined || !/^[A-Za-z0-9_-]{1,32}$/.test(id)) return 'is not id:base64'
    const bytes = Buffer.from(encoded, 'base64')
    if (bytes.length !== 32) return `the key "${id}" has ${bytes.length} bytes, not 32`
    if (keys.some((key) => key.id === id)) return `holds the id "${id}" twice`
    keys.push({ id, bytes })
  }
  return keys
}

const isUrl = (text: string, protocols: readonly string[]): boolean => {
  try {
    return protocols.includes(new URL(text).protocol)
  } catch {
    return false
  }
}

/** The file of CONFIG_FILE; null where there is none, or where it is wrong. */
const configFile = (path: string | undefined, readFile: Surroundings['readFile'], wrong: Wrong): ConfigFile | null => {
  if (path === undefined) return null
  const text = readFile(path)
  if (text === null) {
    wrong('CONFIG_FILE', `${path} cannot be read`, 'Name one existing file, or leave it out.')
    return null
  }
  const read = readConfigFile(text)
  if (read.ok) return read.file
  for (const { where, problem, fix } of read.problems) wrong(`CONFIG_FILE ${path}${where === '' ? '' : `: ${where}`}`, problem, fix)
  return null
}

/** The Secret of PULL_SECRET: `namespace/name`, or the name alone of one in the namespace `own`. */
export const readPullSecret = (text: string | undefined, own: string | undefined, wrong: Wrong): RackConfig['pullSecret'] => {
  if (text === undefined || text === '') return null
  const words = text.split('/')
  const [namespace, name] = words.length === 1 ? [own, words[0]] : words
  if (words.length <= 2 && namespace !== undefined && namespace !== '' && name !== undefined && name !== '') return { name, namespace }
  wrong('PULL_SECRET', 'does not say where the Secret is', 'Write namespace/name; the name alone does inside the cluster.')
  return null
}

/** The roles of the file; of the environment where the file names nobody. */
const withEnvironment = (file: ConfigFile | null, admins: readonly string[], viewers: readonly string[]): RolePolicy => {
  const plain = plainPolicy(admins, viewers)
  if (file === null) return plain
  const { everywhere } = file.roles
  return { ...file.roles, everywhere: { ...everywhere, admin: file.namesAdmins ? everywhere.admin : plain.everywhere.admin, viewer: file.namesViewers ? everywhere.viewer : plain.everywhere.viewer } }
}

/** Reads all settings, or throws one `ConfigError` that lists every problem with its fix. */
export const readConfig = ({ env, readFile, hostname }: Surroundings): Config => {
  const problems: SettingProblem[] = []
  const wrong = (setting: string, problem: string, fix: string): void => void problems.push({ setting, problem, fix })
  const given = (name: string): string | undefined => (env[name] === undefined || env[name] === '' ? undefined : env[name])

  const token = (name: string, prefix: string, where: string): string => {
    const value = given(name)
    if (value === undefined) wrong(name, 'is missing', `It begins with ${prefix} and stands under ${where} of the Slack app.`)
    else if (!value.startsWith(prefix)) wrong(name, `does not begin with ${prefix}`, `Take the one under ${where} of the Slack app.`)
    return value ?? ''
  }
  const botToken = token('SLACK_BOT_TOKEN', 'xoxb-', 'OAuth & Permissions')
  const transport = readTransport(given, () => token('SLACK_APP_TOKEN', 'xapp-', 'Basic Information, App-Level Tokens (scope connections:write)'), wrong)
  const apiUrl = given('SLACK_API_URL')
  if (apiUrl !== undefined && !isUrl(apiUrl, ['http:', 'https:'])) wrong('SLACK_API_URL', 'is not a URL', 'Leave it out for Slack itself.')

  const filePath = given('CONFIG_FILE')
  const file = configFile(filePath, readFile, wrong)
  const people = (name: string): string[] => {
    const ids = list(given(name))
    const bad = ids.find((id) => !/^[UW][A-Z0-9]+$/.test(id))
    if (bad !== undefined) wrong(name, `"${bad}" is not a Slack id`, 'Ids begin with U or W; see the profile menu, "Copy member ID".')
    return ids
  }
  const admins = people('ADMINS')
  const viewers = people('VIEWERS')
  const oneOf = (name: string, list: readonly string[], taken: boolean): void => {
    if (list.length > 0 && taken) wrong(name, 'is set, and CONFIG_FILE names them too', 'Keep one of them.')
  }
  oneOf('ADMINS', admins, file?.namesAdmins ?? false)
  oneOf('VIEWERS', viewers, file?.namesViewers ?? false)
  const both = admins.find((id) => viewers.includes(id))
  if (both !== undefined) wrong('VIEWERS', `"${both}" is in ADMINS too`, 'Name everybody once.')

  const url = given('DATABASE_URL')
  if (url !== undefined && !isUrl(url, ['postgres:', 'postgresql:'])) wrong('DATABASE_URL', 'is not a postgres:// URL', 'Write postgres://user:password@host:5432/database, or leave it out for the embedded database.')
  const database = url === undefined ? { kind: 'embedded' as const, directory: given('DATA_DIR') ?? '.slipway/data' } : { kind: 'postgres' as const, url }
  const keyText = given('SECRET_KEY')
  const keys = keyText === undefined ? null : readKeys(keyText)
  const makeKey = 'Make one: echo "k1:$(openssl rand -base64 32)".'
  if (typeof keys === 'string') wrong('SECRET_KEY', keys, makeKey)
  if (keys === null && url !== undefined) wrong('SECRET_KEY', 'is missing', `It encrypts env values in the database. ${makeKey}`)
  const [first, ...rest] = Array.isArray(keys) ? keys : []

  const path = given('KUBECONFIG')
  const inCluster = given('KUBERNETES_SERVICE_HOST') !== undefined
  const rackText = given('RACK')
  const listed = file?.racks ?? []
  if (rackText !== undefined && listed.length > 0) wrong('RACK', 'is set, and CONFIG_FILE names racks', 'Leave it out: the first rack of the file is meant where none is named.')
  const rack = rackText ?? 'convox'
  const kubeconfig = path === undefined ? null : readFile(path)
  // Racks of the file may do without; which ones do cannot be said while the file is wrong.
  const needed = listed.length === 0 && (filePath === undefined || file !== null)
  if (path === undefined && !inCluster && needed) wrong('KUBECONFIG', 'is missing', 'Name a kubeconfig file, or run inside the cluster with a service account.')
  if (path !== undefined && kubeconfig === null) wrong('KUBECONFIG', `${path} cannot be read`, 'Name one existing file.')
  if (!rackName.test(rack)) wrong('RACK', `"${rack}" is not a rack name`, 'Up to 30 lowercase letters, digits and dashes, beginning with a letter: it begins every namespace.')
  const portText = given('PORT') ?? '3000'
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : -1
  if (port < 0 || port > 65_535) wrong('PORT', `"${portText}" is not a port`, 'A number from 0 (any free one) to 65535, for /healthz, /readyz and Slack\'s requests over HTTP.')
  const instance = given('INSTANCE_ID') ?? hostname
  if (!/^[\w.-]{1,253}$/.test(instance)) wrong('INSTANCE_ID', `"${instance}" cannot be used`, 'Letters, digits, dots, dashes and underscores.')

  const dockerPath = given('DOCKER_CONFIG')
  const dockerText = dockerPath === undefined ? null : (readFile(dockerPath.endsWith('.json') ? dockerPath : `${dockerPath}/config.json`))
  if (dockerPath !== undefined && dockerText === null) wrong('DOCKER_CONFIG', `there is no config.json in ${dockerPath}`, 'Name the directory that holds it.')
  const docker = dockerText === null ? { ok: true as const, credentials: new Map() } : parseDockerConfig(dockerText)
  if (!docker.ok) for (const error of docker.errors) wrong('DOCKER_CONFIG', error, 'Only `auths` are read.')

  const pullSecret = readPullSecret(given('PULL_SECRET'), readFile(`${serviceAccount}/namespace`)?.trim(), wrong)
  const ingressClass = given('INGRESS_CLASS') ?? 'nginx'
  if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(ingressClass)) wrong('INGRESS_CLASS', `"${ingressClass}" is not the name of an IngressClass`, 'See `kubectl get ingressclasses`; leave it out for nginx.')
  const defaults: RackDefaults = { kubeconfig, kubeconfigPath: path ?? null, inCluster, ingressClass, pullSecret }
  const racks = listed.map((entry) => readRack(entry, defaults, readFile, (where, problem, fix) => wrong(`CONFIG_FILE ${filePath ?? ''}: ${where}`, problem, fix)))
  const levelText = given('LOG_LEVEL') ?? 'info'
  const logLevel = isLogLevel(levelText) ? levelText : 'info'
  if (!isLogLevel(levelText)) wrong('LOG_LEVEL', `"${levelText}" is not a level`, `One of ${logLevels.join(', ')}.`)

  if (problems.length > 0) throw new ConfigError(problems)
  const [firstRack = { name: rack, kubeconfig, kubeconfigPath: path ?? null, context: null, ingressClass, pullSecret: defaults.pullSecret }, ...otherRacks] = racks
  return {
    slack: { botToken, apiUrl, ...transport }, roles: withEnvironment(file, admins, viewers), racks: [firstRack, ...otherRacks], database, secretKeys: first === undefined ? null : [first, ...rest], port, instance,
    registry: { credentials: docker.ok ? docker.credentials : new Map(), plainHttp: list(given('PLAIN_HTTP_REGISTRIES')) },
    logLevel,
  }
}

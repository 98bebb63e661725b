import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import { noGrants, type Grants, type RackGrants, type RolePolicy } from './rack/roles.ts'

/** One rack as the file has it; what is left out is taken from the environment. */
export interface RackEntry {
  readonly name: string
  /** Path of a kubeconfig file. */
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
  readonly inCluster: boolean
  readonly ingressClass: string | undefined
  readonly pullSecret: string | undefined
}

/** What the file says, once nothing is wrong with it. */
export interface ConfigFile {
  /** In the order of the file; empty: the one of the environment. */
  readonly racks: readonly RackEntry[]
  readonly roles: RolePolicy
  readonly namesAdmins: boolean
  readonly namesViewers: boolean
}

/** One thing that is wrong: `where` is `racks.prod.roles.admin, line 7`. */
export interface FileProblem { readonly where: string; readonly problem: string; readonly fix: string }

const someone = z.string().regex(/^[UWS][A-Z0-9]{2,}$/, 'is not a Slack id. People have ids with U or W, user groups with S')
const person = z.string().regex(/^[UW][A-Z0-9]{2,}$/, 'is not the Slack id of a person. They begin with U or W')
const list = z.array(someone).default([])
const grants = { viewer: list, deployer: list, approver: list, admin: list, default: z.enum(['viewer', 'deployer', 'approver']).optional() }
const empty = (value: unknown): unknown => value ?? {}
const appName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'is not the name of an app')
/** As RACK in the environment: it begins every namespace. */
export const rackName = /^[a-z][a-z0-9-]{0,29}$/

const rack = z.preprocess(empty, z.strictObject({
  kubeconfig: z.string().min(1).optional(),
  context: z.string().min(1).optional(),
  inCluster: z.boolean().default(false),
  ingressClass: z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'is not the name of an IngressClass. See `kubectl get ingressclasses`').optional(),
  pullSecret: z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'does not say where the Secret is. Write namespace/name').optional(),
  roles: z.preprocess(empty, z.strictObject({ ...grants, apps: z.record(appName, z.preprocess(empty, z.strictObject(grants))).default({}) })).optional(),
}))

const file = z.preprocess(empty, z.strictObject({
  racks: z.record(z.string().regex(rackName, 'is not a rack name. Up to 30 lowercase letters, digits and dashes, beginning with a letter'), rack).default({}),
  roles: z.preprocess(empty, z.strictObject(grants)).default({ viewer: [], deployer: [], approver: [], admin: [] }),
  people: z.record(z.string(), z.array(person).min(2, 'has one id: list at least two, or leave the person out')).default({}),
}))

type Path = readonly PropertyKey[]

/** Line of what stands at `path`, or of the nearest thing around it that is there. */
const lineOf = (document: Document, lines: LineCounter, path: Path): number | undefined => {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const key = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === path[length - 1])?.key : undefined
    const found = isNode(key) ? key : document.getIn(path.slice(0, length), true)
    if (isNode(found) && found.range !== undefined && found.range !== null) return lines.linePos(found.range[0]).line
  }
  return undefined
}

/** Ids that stand in two lists of one place: which one holds would be a guess. */
const twice = (place: Omit<Grants, 'otherwise'>, path: Path): { path: Path; message: string }[] => {
  const seen = new Map<string, string>()
  const problems: { path: Path; message: string }[] = []
  for (const role of ['viewer', 'deployer', 'approver', 'admin'] as const) {
    for (const id of new Set(place[role])) {
      const before = seen.get(id)
      if (before !== undefined) problems.push({ path: [...path, role], message: `"${id}" is ${role} here and ${before} too. Name it once: each role includes the ones before it` })
      seen.set(id, role)
    }
  }
  return problems
}

type File = z.infer<typeof file>

const acrossFields = (parsed: File): { path: Path; message: string }[] => {
  const owner = new Map<string, string>()
  const names = Object.keys(parsed.racks)
  return [
    ...twice(parsed.roles, ['roles']),
    ...Object.entries(parsed.racks).flatMap(([name, { roles }]) => (roles === undefined ? [] : [
      ...twice(roles, ['racks', name, 'roles']), ...Object.entries(roles.apps).flatMap(([app, place]) => twice(place, ['racks', name, 'roles', 'apps', app])),
    ])),
    ...Object.entries(parsed.racks).flatMap(([name, one]) => (one.inCluster && (one.kubeconfig !== undefined || one.context !== undefined)
      ? [{ path: ['racks', name], message: 'has a kubeconfig and is inCluster. Keep one of them' }] : [])),
    // `prod-eu-shop` would be `eu-shop` of one and `shop` of the other.
    ...names.flatMap((name) => names.filter((other) => name.startsWith(`${other}-`)).map((other) => ({ path: ['racks', name], message: `begins as the namespaces of "${other}" do. Choose another name` }))),
    ...Object.entries(parsed.people).flatMap(([name, ids]) => ids.flatMap((id) => {
      const before = owner.get(id)
      owner.set(id, name)
      return before === undefined || before === name ? [] : [{ path: ['people', name], message: `"${id}" is "${before}" already. An id belongs to one person` }]
    })),
  ]
}

const placeOf = ({ default: otherwise, ...lists }: z.infer<z.ZodObject<typeof grants>>): Grants => ({ ...lists, otherwise: otherwise ?? null })

const rackPlace = (entry: File['racks'][string]): RackGrants => {
  if (entry.roles === undefined) return { ...noGrants, apps: {} }
  const { apps, ...own } = entry.roles
  return { ...placeOf(own), apps: Object.fromEntries(Object.entries(apps).map(([app, place]) => [app, placeOf(place)])) }
}

const wordsOf = (issue: z.core.$ZodIssue): readonly { readonly path: Path; readonly message: string }[] => {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not known. See docs/config-file.md' }))
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => ({ path: issue.path, message: inner.message }))
  const shown = typeof issue.input === 'string' ? `"${issue.input}" ` : ''
  if (issue.code === 'invalid_format') return [{ path: issue.path, message: `${shown}${issue.message}` }]
  if (issue.code === 'invalid_type') return [{ path: issue.path, message: `should be ${issue.expected === 'array' ? 'a list' : `a ${issue.expected}`}` }]
  if (issue.code === 'invalid_value') return [{ path: issue.path, message: `${shown}is none of ${issue.values.map(String).join(', ')}` }]
  return [{ path: issue.path, message: issue.message }]
}

/** The text of CONFIG_FILE, or everything that is wrong with it. Pure. */
export const readConfigFile = (text: string): { readonly ok: true; readonly file: ConfigFile } | { readonly ok: false; readonly problems: readonly FileProblem[] } => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  if (document.errors.length > 0) {
    return { ok: false, problems: document.errors.map((error) => ({ where: `line ${lines.linePos(error.pos[0]).line}`, problem: `is not YAML: ${error.message.split('\n')[0] ?? ''}`.replace(/[.:]*$/, ''), fix: 'Put it right.' })) }
  }
  const read = file.safeParse(document.toJS(), { reportInput: true })
  const found = read.success ? acrossFields(read.data) : read.error.issues.flatMap(wordsOf)
  if (!read.success || found.length > 0) {
    return {
      ok: false,
      problems: found.map(({ path, message }) => {
        const line = lineOf(document, lines, path)
        const [problem = '', ...fix] = message.split('. ')
        return { where: [path.map(String).join('.'), ...(line === undefined ? [] : [`line ${line}`])].filter((word) => word !== '').join(', '), problem, fix: fix.length === 0 ? 'See docs/config-file.md.' : `${fix.join('. ')}.` }
      }),
    }
  }
  const { racks, roles, people } = read.data
  return {
    ok: true,
    file: {
      racks: Object.entries(racks).map(([name, { kubeconfig, context, inCluster, ingressClass, pullSecret }]) => ({ name, kubeconfig, context, inCluster, ingressClass, pullSecret })),
      roles: {
        everywhere: placeOf(roles), racks: Object.fromEntries(Object.entries(racks).map(([name, entry]) => [name, rackPlace(entry)])),
        people: Object.fromEntries(Object.entries(people).flatMap(([name, ids]) => ids.map((id) => [id, name]))),
      },
      namesAdmins: roles.admin.length > 0, namesViewers: roles.viewer.length > 0,
    },
  }
}

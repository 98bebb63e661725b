import { at, found, nameProblem, problem, readList, readMap, readText, readWord } from './fields.ts'
import type { Fields, Problems } from './fields.ts'
import type { AppConfig, ConfigMount, EmptyDir, ServiceMounts, ServiceVolume } from './manifest.ts'
import { unsupportedVolumes } from './unsupported.ts'

/** Kubernetes names a volume with up to 63 characters; ours begin with `cfg-` or `ed-`. */
const idLimit = 59

/** Paths that mean the node's own where Convox mounts them (provider/k8s, systemVolume). */
const nodePaths = ['/cgroup', '/proc', '/sys', '/var/log', '/var/run', '/run', '/var/lib/docker', '/dev']

const isOfNode = (path: string): boolean => nodePaths.some((node) => path === node || path.startsWith(`${node}/`))

/** An absolute path without `:`, `..` or a slash at its end. */
const readPath = (path: string, value: unknown, problems: Problems): string => {
  const text = typeof value === 'string' ? value.replace(/(?<=.)\/+$/, '') : ''
  if (/^\/[^:]+$/.test(text) && !text.split('/').includes('..')) return text
  problem(problems, path, `must be a path that begins with /, not ${found(value)}.`)
  return ''
}

const readId = (path: string, value: unknown, problems: Problems): string => {
  const id = typeof value === 'string' ? value : ''
  const why = nameProblem(id, idLimit)
  if (why !== undefined) problem(problems, path, `${why}, not ${found(value)}.`)
  return id
}

const readVolume = (path: string, value: unknown, problems: Problems): readonly ServiceVolume[] => {
  if (typeof value !== 'string' || value.split(':').length > 2) {
    problem(problems, path, `must hold "/path" or "name:/path", not ${found(value)}.`)
    return []
  }
  const [from = '', to] = value.split(':')
  const mounted = readPath(path, to ?? from, problems)
  if (isOfNode(from)) {
    problem(problems, path, `mounts ${found(from)} of the node, which is not supported: a process sees its own storage alone.`)
    return []
  }
  if (to !== undefined && !/^[\w./-]+$/.test(from)) problem(problems, path, `has the name ${found(from)}: letters, digits, dots, dashes and slashes only.`)
  return [{ from: to === undefined ? mounted : from.replace(/(?<=.)\/+$/, ''), shared: to !== undefined, path: mounted }]
}

/** A Kubernetes quantity of bytes. */
const quantity = /^\d{1,12}(\.\d{1,3})?(Ki|Mi|Gi|Ti|k|M|G|T)?$/

const readSizeLimit = (path: string, value: unknown, problems: Problems): { readonly sizeLimit?: string } => {
  if (value === undefined) return {}
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && quantity.test(text)) return { sizeLimit: text }
  problem(problems, path, `must be a size such as 512Mi, not ${found(value)}.`)
  return {}
}

const readEmptyDir = (path: string, value: unknown, problems: Problems): readonly EmptyDir[] => {
  const option = readMap(path, value, problems, 'a map of emptyDir', { supported: ['emptyDir'], unsupported: unsupportedVolumes })
  if (option === undefined || !option.has('emptyDir')) return []
  const own = at(path, 'emptyDir')
  const fields = readMap(own, option.get('emptyDir'), problems, 'a map of id and mountPath', { supported: ['id', 'mountPath', 'medium', 'sizeLimit'] })
  if (fields === undefined) return []
  const medium = fields.get('medium') === '' ? undefined : readWord(at(own, 'medium'), fields.get('medium'), ['Memory'], problems)
  return [{
    id: readId(at(own, 'id'), fields.get('id'), problems), path: readPath(at(own, 'mountPath'), fields.get('mountPath'), problems), memory: medium === 'Memory',
    ...readSizeLimit(at(own, 'sizeLimit'), fields.get('sizeLimit'), problems),
  }]
}

const readConfigMount = (path: string, value: unknown, configs: readonly AppConfig[], problems: Problems): readonly ConfigMount[] => {
  const fields = readMap(path, value, problems, 'a map of id, dir and filename', { supported: ['id', 'dir', 'filename'] })
  if (fields === undefined) return []
  const id = readText(at(path, 'id'), fields.get('id'), problems)
  if (id === undefined) problem(problems, path, 'needs an `id`.')
  else if (!configs.some((config) => config.id === id)) problems.push(`config id: '${id}' not found (${path})`)
  const filename = fields.get('filename')
  if (typeof filename !== 'string' || !/^[^/\0]+$/.test(filename) || filename === '.' || filename === '..') {
    problem(problems, at(path, 'filename'), `must be the name of a file, not ${found(filename)}.`)
  }
  return [{ id: id ?? '', dir: readPath(at(path, 'dir'), fields.get('dir'), problems), filename: String(filename) }]
}

const refuseTwice = (path: string, what: string, words: readonly string[], problems: Problems): void => {
  for (const word of new Set(words.filter((each, index) => each !== '' && words.indexOf(each) !== index))) problem(problems, path, `has ${what} "${word}" twice.`)
}

/** `volumes`, `volumeOptions` and `configMounts` of a service. */
export const readMounts = (path: string, fields: Fields, configs: readonly AppConfig[], problems: Problems): ServiceMounts => {
  const [volumesPath, optionsPath, configsPath] = [at(path, 'volumes'), at(path, 'volumeOptions'), at(path, 'configMounts')]
  const volumes = readList(volumesPath, fields.get('volumes'), problems, '"/path" or "name:/path"').flatMap((each) => readVolume(volumesPath, each, problems))
  const emptyDirs = readList(optionsPath, fields.get('volumeOptions'), problems, 'maps of emptyDir').flatMap((each, index) => readEmptyDir(at(optionsPath, String(index)), each, problems))
  const mounts = readList(configsPath, fields.get('configMounts'), problems, 'maps of id, dir and filename')
    .flatMap((each, index) => readConfigMount(at(configsPath, String(index)), each, configs, problems))
  refuseTwice(optionsPath, 'the id', emptyDirs.map(({ id }) => id), problems)
  refuseTwice(path, 'the mount path', [...volumes, ...emptyDirs].map((each) => each.path).concat(mounts.map(({ dir, filename }) => `${dir}/${filename}`)), problems)
  return { volumes, emptyDirs, configs: mounts }
}

/** A ConfigMap holds so many bytes (Kubernetes MaxSecretSize, of ConfigMaps too). */
const maxConfigBytes = 1024 * 1024

const configKeys = {
  supported: ['id', 'value'],
  unsupported: { name: 'what is made of a config is named after its id and content' },
}

const readConfig = (path: string, value: unknown, problems: Problems): readonly AppConfig[] => {
  const fields = readMap(path, value, problems, 'a map of id and value', configKeys)
  if (fields === undefined) return []
  const id = readId(at(path, 'id'), fields.get('id'), problems)
  const content = fields.get('value')
  if (typeof content !== 'string') {
    problem(problems, at(path, 'value'), `must be the content of the file, as a text, not ${found(content)}: a config is kept in convox.yml.`)
    return [{ id, value: '' }]
  }
  if (Buffer.byteLength(content) > maxConfigBytes) problem(problems, at(path, 'value'), 'has more than 1 MiB.')
  return [{ id, value: content }]
}

/** The top-level `configs:`. As Convox has it, but with the content in the file: there is no other place for it. */
export const readConfigs = (value: unknown, problems: Problems): readonly AppConfig[] => {
  const configs = readList('configs', value, problems, 'maps of id and value').flatMap((each, index) => readConfig(at('configs', String(index)), each, problems))
  refuseTwice('configs', 'the id', configs.map(({ id }) => id), problems)
  return configs
}

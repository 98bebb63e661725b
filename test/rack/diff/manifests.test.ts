import { describe, expect, it } from 'vitest'
import { manifestLines, type FieldChange, type ManifestLine } from '../../../src/rack/diff/field-change.ts'
import { diffImages, keptImages } from '../../../src/rack/diff/images.ts'
import { diffManifests } from '../../../src/rack/diff/manifests.ts'
import type { Manifest } from '../../../src/rack/manifest/manifest.ts'
import { parseManifest } from '../../../src/rack/manifest/parse.ts'

const manifest = (yaml: string): Manifest => {
  const parsed = parseManifest(yaml)
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'))
  return parsed.manifest
}

const web = (yaml: string): Manifest => manifest(`services:\n  web:\n${yaml.split('\n').map((line) => `    ${line}`).join('\n')}\n`)

const linesOf = (before: Manifest | null, after: Manifest): readonly ManifestLine[] => manifestLines(diffManifests(before, after))

describe('the difference of two manifests in lines', () => {
  it.each([
    ['scale: 2', 'scale: 3', [['web scale 2 → 3', true]]],
    ['scale: 2', 'scale: 2-5', [['web scale 2 → 2-5', true]]],
    ['scale: {memory: 512}', 'scale: {memory: 1024, limit: {memory: 2048}}', [['web scale.memory 512Mi → 1024Mi', true], ['web scale.limit.memory none → 2048Mi', true]]],
    ['command: a', 'command: b', [['web command a → b', false]]],
    ['build: .', 'image: shop:1', [['web image build . (Dockerfile) → shop:1', false]]],
    ['port: 1', 'port: https:1', [['web port 1 → https:1', false]]],
    ['port: 1', 'port: 1\nhealth: /up', [['web health.path / → /up', true]]],
    ['port: 1', 'port: 1\nhealth: {disable: true}', [['web health / (every 5s, grace 5s, timeout 4s) → disabled', true]]],
    ['port: 1', 'port: 1\nliveness: {path: /l}', [['web liveness none → /l (every 5s, grace 10s, timeout 5s, fails after 3)', true]]],
    ['singleton: false', 'singleton: true', [['web deployment.minimum 50% → 0%', false], ['web deployment.maximum 200% → 100%', false], ['web singleton no → yes', false]]],
    ['drain: 30', 'drain: 60', [['web termination.grace 30s → 60s', false]]],
    ['environment: [A, "B=secret1", C]', 'environment: [A, "B=secret2", D]', [['web environment add:D change:B remove:C', false]]],
    ['port: 1', 'port: 1\nports: [5001, 5002/udp]', [['web ports none → 5001/tcp, 5002/udp', false]]],
    ['port: 1\ndomain: a.example.com', 'port: 1\ndomain: a.example.com, b.example.com', [['web domain a.example.com → a.example.com, b.example.com', true]]],
    ['internal: false', 'internal: true', [['web internal no → yes', true]]],
    ['agent: false', 'agent: true', [['web runs as service, scale 1 → agent, one on each node', true], ['web deployment.minimum 50% → 0%', false], ['web deployment.maximum 200% → 100%', false]]],
    ['scale: 1-5', 'scale: {count: 1-5, targets: {cpu: 70, memory: 80}}', [['web scale.targets none → cpu 70%, memory 80%', true]]],
    ['startupProbe: {tcpSocketPort: 9}', 'startupProbe: {path: /up, port: 9, failureThreshold: 60}', [['web startupProbe.path tcp 9 → /up', true], ['web startupProbe.port none → 9', true], ['web startupProbe.failureThreshold 3 → 60', true]]],
    ['initContainer: {command: a}', 'initContainer: {image: "tools:2"}', [['web initContainer the same image: a → tools:2: its own command', false]]],
    ['lifecycle: {preStop: a}', 'lifecycle: {preStop: b, postStart: c}', [['web lifecycle.preStop a → b', false], ['web lifecycle.postStart none → c', false]]],
    ['volumes: [/data]', 'volumes: [/data, "/shared:/common"]', [['web volumes /data → /data, /shared at /common', false]]],
    ['volumeOptions: []', 'volumeOptions: [{emptyDir: {id: tmp, mountPath: /tmp, medium: Memory, sizeLimit: 64Mi}}]', [['web volumeOptions none → tmp at /tmp in memory up to 64Mi', false]]],
    ['deployment: {crashRestartLimit: 3}', 'deployment: {progressDeadline: 5m}', [['web deployment.progressDeadline none → 300s', false], ['web deployment.crashRestartLimit 3 → none', false]]],
  ])('from %j to %j reads well', (before, after, lines) => {
    expect(linesOf(web(before), web(after))).toEqual(lines.map(([text, important]) => ({ text, important })))
  })

  it('tells a service without change as such, not by its words alone', () => {
    expect(linesOf(web('scale: 1'), web('{}'))).toEqual([{ text: 'web no change', important: false, unchanged: 'web' }])
    expect(linesOf(web('command: a'), web('command: echo no change'))).toEqual([{ text: 'web command a → echo no change', important: false }])
  })

  it('names timers that come, go and change', () => {
    const timers = (text: string) => manifest(`services:\n  web: {}\n  job: {}\ntimers:\n  ${text}\n`)
    const before = timers('clean: {schedule: "0 3 * * *", command: a, service: web}\n  old: {schedule: "@daily", command: a, service: web}')
    const after = timers('fresh: {schedule: "@hourly", command: a, service: job}\n  clean: {schedule: "0 4 * * *", command: b, service: job, concurrency: forbid, parallelCount: 2}')
    expect(linesOf(before, after).map(({ text }) => text)).toEqual([
      'timer fresh added, @hourly on job',
      'timer clean schedule 0 3 * * * → 0 4 * * *', 'timer clean command a → b', 'timer clean service web → job', 'timer clean concurrency Allow → Forbid', 'timer clean parallelCount 1 → 2',
      'timer old removed', 'web no change', 'job no change',
    ])
  })

  it('shows the release command as one line, and of a config its id alone', () => {
    const before = manifest('services:\n  web: {}\nconfigs: [{id: a, value: one}, {id: b, value: same}, {id: c, value: x}]\n')
    const after = manifest('services:\n  web: {}\nconfigs: [{id: a, value: two}, {id: b, value: same}, {id: d, value: x}]\nrelease: {service: web, command: bin/migrate}\n')
    expect(linesOf(before, after).slice(0, -1)).toEqual([
      { text: 'config a changed', important: false }, { text: 'config d added', important: false }, { text: 'config c removed', important: false },
      { text: 'release command none → bin/migrate on web, at most 600s', important: true },
    ])
    expect(linesOf(after, before).at(-2)?.text).toBe('release command bin/migrate on web, at most 600s → none')
  })

  it('shows where a config is mounted', () => {
    const mounts = (text: string) => manifest(`configs: [{id: a, value: x}]\nservices:\n  web: {configMounts: [${text}]}\n`)
    expect(linesOf(mounts(''), mounts('{id: a, dir: /etc, filename: a.yml}'))).toEqual([{ text: 'web configMounts none → a at /etc/a.yml', important: false }])
  })

  it('adds agents as such, and everything else of a first release', () => {
    const first = manifest('services:\n  web: {agent: true}\ntimers:\n  t: {schedule: "@daily", command: a, service: web}\nrelease: {service: web, command: a}\n')
    expect(linesOf(null, first).map(({ text }) => text)).toEqual(['web added, agent', 'timer t added, @daily on web', 'release command none → a on web, at most 600s'])
  })

  it('names services that come and go, in the order of the new file', () => {
    const lines = linesOf(manifest('services:\n  old: {}\n  web: {}\n'), manifest('services:\n  fresh: {scale: 2}\n  web: {}\n'))
    expect(lines.map(({ text }) => text)).toEqual(['fresh added, scale 2', 'old removed', 'web no change'])
  })

  it('adds every service of a first release', () => {
    expect(linesOf(null, web('scale: 2'))).toEqual([{ text: 'web added, scale 2', important: true }])
  })

  it('leaves variables as they are written', () => {
    expect(JSON.stringify(linesOf(web('environment: ["A=${X}"]'), web('environment: ["A=${Y}"]')))).not.toContain('${')
  })
})

const short = ({ subject, name, field, kind, from, to, callout }: FieldChange) => [subject, name, field, kind, from, to, callout]
const shortDiff = (before: Manifest | null, after: Manifest) => diffManifests(before, after).changes.map(short)

describe('the difference of two manifests by field', () => {
  it.each([
    ['nothing', 'scale: 1', 'scale: 1', []],
    ['a count', 'scale: 2', 'scale: 3', [['service', 'web', 'scale', 'changed', '2', '3', 'scale']]],
    ['a limit that comes', 'scale: {cpu: 250}', 'scale: {cpu: 250, limit: {cpu: 500}}', [['service', 'web', 'scale.limit.cpu', 'added', null, '500m', 'scale']]],
    ['a limit that goes', 'scale: {cpu: 250, limit: {cpu: 500}}', 'scale: {cpu: 250}', [['service', 'web', 'scale.limit.cpu', 'removed', '500m', null, 'scale']]],
    ['a part of a check', 'port: 1\nliveness: {path: /l}', 'port: 1\nliveness: {path: /l, timeout: 9}', [['service', 'web', 'liveness.timeout', 'changed', '5s', '9s', 'probes']]],
    ['a check that goes', 'port: 1\nliveness: {path: /l}', 'port: 1', [['service', 'web', 'liveness', 'removed', '/l (every 5s, grace 10s, timeout 5s, fails after 3)', null, 'probes']]],
    ['a check that is switched off', 'port: 1', 'port: 1\nhealth: {disable: true}', [['service', 'web', 'health', 'changed', '/ (every 5s, grace 5s, timeout 4s)', 'disabled', 'probes']]],
    ['a port that goes, with its check', 'port: 1', '{}', [['service', 'web', 'port', 'removed', '1', null, null], ['service', 'web', 'health', 'removed', '/ (every 5s, grace 5s, timeout 4s)', null, 'probes']]],
    ['a service that becomes an agent', 'scale: 3', 'agent: true', [
      ['service', 'web', 'runs as', 'changed', 'service, scale 3', 'agent, one on each node', 'scale'],
      ['service', 'web', 'deployment.minimum', 'changed', '50%', '0%', null], ['service', 'web', 'deployment.maximum', 'changed', '200%', '100%', null],
    ]],
    ['an agent that becomes a service', 'agent: true', 'scale: 1-4', [
      ['service', 'web', 'runs as', 'changed', 'agent, one on each node', 'service, scale 1-4', 'scale'],
      ['service', 'web', 'deployment.minimum', 'changed', '0%', '50%', null], ['service', 'web', 'deployment.maximum', 'changed', '100%', '200%', null],
    ]],
    ['declared keys, never their defaults', 'environment: [A, "B=secret1", C, "E=secret3"]', 'environment: ["A=secret4", "B=secret2", D, E]', [
      ['service', 'web', 'environment.D', 'added', null, 'required', null], ['service', 'web', 'environment.A', 'changed', 'required', 'with a default', null],
      ['service', 'web', 'environment.B', 'changed', 'with a default', 'with another default', null], ['service', 'web', 'environment.E', 'changed', 'with a default', 'required', null],
      ['service', 'web', 'environment.C', 'removed', 'required', null, null],
    ]],
  ])('tells %s', (_what, before, after, changes) => {
    expect(shortDiff(web(before), web(after))).toEqual(changes)
    expect(JSON.stringify(shortDiff(web(before), web(after)))).not.toContain('secret')
  })

  it('tells a first release as services that come, and what stands beside them', () => {
    const first = manifest('services:\n  web: {scale: 2}\n  node: {agent: true}\ntimers:\n  t: {schedule: "@daily", command: a, service: web}\nrelease: {service: web, command: a}\n')
    expect(shortDiff(null, first)).toEqual([
      ['service', 'web', null, 'added', null, 'scale 2', null], ['service', 'node', null, 'added', null, 'agent', null],
      ['timer', 't', null, 'added', null, '@daily on web', null], ['release_command', '', null, 'added', null, 'a on web, at most 600s', null],
    ])
  })

  it('tells a service that does the same under another name as renamed, each gone one once', () => {
    const same = 'command: bin/work, scale: 4'
    expect(shortDiff(manifest(`services:\n  web: {}\n  jobs: {${same}}\n`), manifest(`services:\n  web: {}\n  worker: {${same}}\n  second: {${same}}\n`))).toEqual([
      ['service', 'worker', null, 'renamed', 'jobs', 'worker', null], ['service', 'second', null, 'added', null, 'scale 4', null],
    ])
    expect(shortDiff(manifest('services:\n  web: {}\n  jobs: {scale: 4}\n'), manifest('services:\n  web: {}\n  worker: {scale: 5}\n'))).toEqual([
      ['service', 'worker', null, 'added', null, 'scale 5', null], ['service', 'jobs', null, 'removed', 'scale 4', null, null],
    ])
  })

  it('names the services in which nothing changed', () => {
    expect(diffManifests(manifest('services:\n  web: {}\n  job: {}\n'), manifest('services:\n  job: {}\n  web: {scale: 2}\n')).unchanged).toEqual(['job'])
  })
})

describe('the difference of two builds', () => {
  const digest = (char: string): string => `sha256:${char.repeat(64)}`

  it('puts services with the same change together and leaves out what stays', () => {
    const before = { web: `shop:1@${digest('a')}`, worker: `shop:1@${digest('a')}`, cache: `redis:7@${digest('c')}` }
    const after = { web: `shop:2@${digest('b')}`, worker: `shop:2@${digest('b')}`, cache: `redis:7@${digest('c')}` }
    expect(diffImages(before, after, { gitSha: '0a1b', message: 'fix' })).toEqual([
      { services: ['web', 'worker'], from: 'shop:1', fromDigest: digest('a'), to: 'shop:2', digest: digest('b'), gitSha: '0a1b', message: 'fix' },
    ])
  })

  it('sees the same tag with another digest, a new service and a tag that is not pinned', () => {
    expect(diffImages({ web: `shop:1@${digest('a')}` }, { web: `shop:1@${digest('b')}`, job: 'job:1' })).toEqual([
      { services: ['web'], from: 'shop:1', fromDigest: digest('a'), to: 'shop:1', digest: digest('b') },
      { services: ['job'], to: 'job:1' },
    ])
  })

  it('names what stays, services with the same image together', () => {
    const before = { web: `shop:1@${digest('a')}`, worker: `shop:1@${digest('a')}`, cache: 'redis:7' }
    expect(keptImages(before, { ...before, web: `shop:2@${digest('b')}`, job: `shop:1@${digest('a')}` })).toEqual([
      { services: ['worker'], reference: 'shop:1', digest: digest('a') }, { services: ['cache'], reference: 'redis:7' },
    ])
    expect(keptImages(before, before)).toEqual([{ services: ['web', 'worker'], reference: 'shop:1', digest: digest('a') }, { services: ['cache'], reference: 'redis:7' }])
    expect(keptImages(null, before)).toEqual([])
  })

  it('knows no earlier image for a first release', () => {
    expect(diffImages(null, { web: 'shop:1' })).toEqual([{ services: ['web'], to: 'shop:1' }])
  })
})

import { describe, expect, it } from 'vitest'
import { parseManifest, validationText } from '../../../src/rack/manifest/parse.ts'
import type { Service } from '../../../src/rack/manifest/manifest.ts'

const service = (yaml: string): Service => {
  const parsed = parseManifest(`services:\n  web:\n${yaml.split('\n').map((line) => `    ${line}`).join('\n')}\n`)
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'))
  const [web] = parsed.manifest.services
  if (web === undefined) throw new Error('no service')
  return web
}

const errorsOf = (yaml: string): readonly string[] => {
  const parsed = parseManifest(yaml)
  return parsed.ok ? [] : parsed.errors
}

const webErrors = (yaml: string): readonly string[] => errorsOf(`services:\n  web:\n${yaml.split('\n').map((line) => `    ${line}`).join('\n')}\n`)

describe('a manifest', () => {
  it('reads the manifest of the seeds', () => {
    expect(service('build: .\ncommand: bin/web\nport: 5000')).toEqual({
      name: 'web',
      build: { path: '.', manifest: 'Dockerfile', args: [] },
      command: 'bin/web',
      args: ['bin/web'],
      environment: [],
      port: { port: 5000, scheme: 'http' },
      ports: [],
      agent: false,
      health: { path: '/', interval: 5, grace: 5, timeout: 4, disable: false },
      lifecycle: {},
      domains: [],
      internal: false,
      mounts: { volumes: [], emptyDirs: [], configs: [] },
      deployment: { minimum: 50, maximum: 200 },
      singleton: false,
      scale: { min: 1, max: 1, cpu: 250, memory: 512, limit: {} },
      termination: { grace: 30 },
    })
  })

  it('keeps services in the order of the file, also when their names look like numbers', () => {
    const parsed = parseManifest('services:\n  zeta: {}\n  alpha: {}\n  mid: {}\n')
    expect(parsed.ok && parsed.manifest.services.map(({ name }) => name)).toEqual(['zeta', 'alpha', 'mid'])
  })

  it('takes a service with nothing under it, built from the directory', () => {
    const parsed = parseManifest('services:\n  web:\n')
    expect(parsed.ok && parsed.manifest.services[0]?.build).toEqual({ path: '.', manifest: 'Dockerfile', args: [] })
  })

  it('flattens anchored environment lists and merges the top-level one first', () => {
    const parsed = parseManifest('environment:\n  - TOP\n  - BOTH=top\nservices:\n  a:\n    environment: &shared\n      - ONE=1\n  b:\n    environment:\n      - *shared\n      - [TWO, [THREE=a=b c]]\n      - BOTH=own\n')
    expect(parsed.ok && parsed.manifest.services[1]?.environment).toEqual([
      { key: 'TOP' }, { key: 'BOTH', default: 'top' }, { key: 'ONE', default: '1' }, { key: 'TWO' }, { key: 'THREE', default: 'a=b c' }, { key: 'BOTH', default: 'own' },
    ])
  })

  it('merges YAML merge keys', () => {
    const parsed = parseManifest('services:\n  a: &a\n    image: shop:1\n    command: bin/a\n  b:\n    <<: *a\n    command: bin/b\n')
    expect(parsed.ok && parsed.manifest.services[1]).toMatchObject({ name: 'b', image: 'shop:1', args: ['bin/b'] })
  })

  it('ignores a wildcard in an environment, since every process gets the whole env', () => {
    expect(service('environment: ["*", FOO]').environment).toEqual([{ key: 'FOO' }])
  })
})

describe('one field', () => {
  it.each([
    ['port: 3000', { port: { port: 3000, scheme: 'http' } }],
    ['port: "3000"', { port: { port: 3000, scheme: 'http' } }],
    ['port: https:3000', { port: { port: 3000, scheme: 'https' } }],
    ['port: grpc:50051', { port: { port: 50_051, scheme: 'grpc' } }],
    ['port: {port: 3000, scheme: https}', { port: { port: 3000, scheme: 'https' } }],
    ['port: {port: "https:3000"}', { port: { port: 3000, scheme: 'https' } }],
    ['scale: 2', { scale: { min: 2, max: 2, cpu: 250, memory: 512, limit: {} } }],
    ['scale: "2"', { scale: { min: 2, max: 2, cpu: 250, memory: 512, limit: {} } }],
    ['scale: 3-10', { scale: { min: 3, max: 10, cpu: 250, memory: 512, limit: {} } }],
    ['scale: 0', { scale: { min: 0, max: 0, cpu: 250, memory: 512, limit: {} } }],
    ['scale: {count: 3-10, cpu: 500, memory: 1024}', { scale: { min: 3, max: 10, cpu: 500, memory: 1024, limit: {} } }],
    ['scale: {count: {min: 2, max: 4}}', { scale: { min: 2, max: 4, cpu: 250, memory: 512, limit: {} } }],
    ['scale: {min: 2, max: 4}', { scale: { min: 2, max: 4, cpu: 250, memory: 512, limit: {} } }],
    ['scale: {min: 2}', { scale: { min: 2, max: 2, cpu: 250, memory: 512, limit: {} } }],
    ['scale: {max: 4}', { scale: { min: 1, max: 4, cpu: 250, memory: 512, limit: {} } }],
    ['scale: {limit: {cpu: 1000, memory: 2048}}', { scale: { min: 1, max: 1, cpu: 1000, memory: 2048, limit: { cpu: 1000, memory: 2048 } } }],
    ['scale: {memory: 256, limit: {memory: 512}}', { scale: { min: 1, max: 1, cpu: 250, memory: 256, limit: { memory: 512 } } }],
    ['port: 1\nhealth: /check', { health: { path: '/check', interval: 5, grace: 5, timeout: 4, disable: false } }],
    ['port: 1\nhealth: {interval: 10}', { health: { path: '/', interval: 10, grace: 10, timeout: 9, disable: false } }],
    ['port: 1\nhealth: {interval: 1}', { health: { path: '/', interval: 1, grace: 1, timeout: 1, disable: false } }],
    ['port: 1\nhealth: {path: /h, interval: 3, grace: 20, timeout: 2, port: 9}', { health: { path: '/h', interval: 3, grace: 20, timeout: 2, port: 9, disable: false } }],
    ['health: {disable: true}', { health: { path: '/', interval: 5, grace: 5, timeout: 4, disable: true } }],
    ['port: 1\nliveness: {path: /live}', { liveness: { path: '/live', grace: 10, interval: 5, timeout: 5, successThreshold: 1, failureThreshold: 3 } }],
    ['port: 1\nliveness: {path: /l, grace: 1, interval: 2, timeout: 3, failureThreshold: 4, port: 5}', { liveness: { path: '/l', grace: 1, interval: 2, timeout: 3, successThreshold: 1, failureThreshold: 4, port: 5 } }],
    ['singleton: true', { singleton: true, deployment: { minimum: 0, maximum: 100 } }],
    ['singleton: true\ndeployment: {minimum: 50}', { deployment: { minimum: 50, maximum: 100 } }],
    ['deployment: {minimum: 100, maximum: 150}', { deployment: { minimum: 100, maximum: 150 } }],
    ['termination: {grace: 60}', { termination: { grace: 60 } }],
    ['drain: 90', { termination: { grace: 90 } }],
    ['termination: {grace: 60}\ndrain: 90', { termination: { grace: 60 } }],
    ['build: {path: api, manifest: Dockerfile.api, args: [A=1]}', { build: { path: 'api', manifest: 'Dockerfile.api', args: ['A=1'] } }],
    ['image: ghcr.io/a/b:c', { image: 'ghcr.io/a/b:c' }],
  ])('reads %j', (yaml, expected) => {
    expect(service(yaml)).toMatchObject(expected)
  })
})

describe('a field of what runs, what it mounts and how it is reached', () => {
  const claim = (from: string, path: string, shared = from !== path) => ({ mounts: { volumes: [{ from, path, shared }], emptyDirs: [], configs: [] } })
  it.each([
    ['agent: true', { agent: true, deployment: { minimum: 0, maximum: 100 } }],
    ['agent: false', { agent: false, deployment: { minimum: 50, maximum: 200 } }],
    ['agent: {enabled: true}', { agent: true }],
    ['agent: {enabled: false}', { agent: false }],
    ['agent: true\nscale: {cpu: 100, memory: 64}', { agent: true, scale: { min: 1, max: 1, cpu: 100, memory: 64 } }],
    ['agent: true\ndeployment: {minimum: 80}', { deployment: { minimum: 80, maximum: 100 } }],
    ['ports: [5001, "5002/udp", 5003/tcp, 5004/UDP]', { ports: [{ port: 5001, protocol: 'tcp' }, { port: 5002, protocol: 'udp' }, { port: 5003, protocol: 'tcp' }, { port: 5004, protocol: 'udp' }] }],
    ['port: 5000\nports: [5000, 5000/udp, 5001, 5001]', { ports: [{ port: 5000, protocol: 'udp' }, { port: 5001, protocol: 'tcp' }] }],
    ['port: 1\nstartupProbe: {path: /up}', { startupProbe: { path: '/up', grace: 10, interval: 5, timeout: 5, successThreshold: 1, failureThreshold: 3 } }],
    ['port: 1\nliveness: {path: /l, grace: 1, interval: 2, timeout: 3, failureThreshold: 4}\nstartupProbe: {path: /up, failureThreshold: 60}', { startupProbe: { path: '/up', grace: 1, interval: 2, timeout: 3, successThreshold: 1, failureThreshold: 60 } }],
    ['startupProbe: {tcpSocketPort: 9, grace: 0}', { startupProbe: { tcpSocketPort: 9, grace: 0, interval: 5, timeout: 5, successThreshold: 1, failureThreshold: 3 } }],
    ['startupProbe: {path: /up, port: 9}', { startupProbe: { path: '/up', port: 9 } }],
    ['initContainer: {command: bin/wait now}', { initContainer: { command: 'bin/wait now', args: ['bin/wait', 'now'] } }],
    ['initContainer: {image: "tools:2"}', { initContainer: { image: 'tools:2', args: [] } }],
    ["lifecycle: {preStop: sleep 20, postStart: sh -c 'a && b'}", { lifecycle: { preStop: { command: 'sleep 20', args: ['sleep', '20'] }, postStart: { command: "sh -c 'a && b'", args: ['sh', '-c', 'a && b'] } } }],
    ['volumes: [/data]', claim('/data', '/data')],
    ['volumes: [/data/]', claim('/data', '/data')],
    ['volumes: ["/shared:/data"]', claim('/shared', '/data')],
    ['volumes: ["/data:/data"]', claim('/data', '/data', true)],
    ['volumeOptions: [{emptyDir: {id: tmp, mountPath: /tmp}}]', { mounts: { volumes: [], emptyDirs: [{ id: 'tmp', path: '/tmp', memory: false }], configs: [] } }],
    ['volumeOptions: [{emptyDir: {id: tmp, mountPath: /tmp, medium: Memory, sizeLimit: 64Mi}}]', { mounts: { volumes: [], emptyDirs: [{ id: 'tmp', path: '/tmp', memory: true, sizeLimit: '64Mi' }], configs: [] } }],
    ['port: 1\ndomain: a.example.com, B.example.com,', { domains: ['a.example.com', 'b.example.com'] }],
    ['port: 1\ndomain: [a.example.com, "*.example.com", a.example.com]', { domains: ['a.example.com', '*.example.com'] }],
    ['internal: true', { internal: true, domains: [] }],
    ['scale: {count: 1-5, targets: {cpu: 70}}', { scale: { min: 1, max: 5, targets: { cpu: 70 } } }],
    ['scale: {min: 2, max: 5, targets: {cpu: 70, memory: 150}}', { scale: { targets: { cpu: 70, memory: 150 } } }],
    ['deployment: {crashRestartLimit: -1}', { deployment: { minimum: 50, maximum: 200, crashRestartLimit: -1 } }],
    ['deployment: {progressDeadline: 120, crashRestartLimit: 4}', { deployment: { minimum: 50, maximum: 200, progressDeadline: 120, crashRestartLimit: 4 } }],
    ['deployment: {progressDeadline: 5m}', { deployment: { progressDeadline: 300 } }],
    ['deployment: {progressDeadline: "90"}', { deployment: { progressDeadline: 90 } }],
  ])('is read in %j', (yaml, expected) => {
    expect(service(yaml)).toMatchObject(expected)
  })

  it('is not there for a progressDeadline of 0', () => {
    expect(service('deployment: {progressDeadline: 0}').deployment).toEqual({ minimum: 50, maximum: 200 })
  })

  it('is a file of a config', () => {
    const parsed = parseManifest('configs:\n  - id: app\n    value: |\n      a: 1\nservices:\n  web:\n    configMounts:\n      - {id: app, dir: /etc/app/, filename: app.yml}\n')
    expect(parsed.ok && parsed.manifest.configs).toEqual([{ id: 'app', value: 'a: 1\n' }])
    expect(parsed.ok && parsed.manifest.services[0]?.mounts.configs).toEqual([{ id: 'app', dir: '/etc/app', filename: 'app.yml' }])
  })
})

describe('a timer', () => {
  const timer = (yaml: string) => parseManifest(`services:\n  web: {}\ntimers:\n  clean:\n${yaml.split('\n').map((line) => `    ${line}`).join('\n')}\n`)
  const rest = 'command: bin/clean\nservice: web'

  it('has defaults', () => {
    const parsed = timer(`schedule: "0 3 * * *"\ncommand: bin/clean --all\nservice: web`)
    expect(parsed.ok && parsed.manifest.timers).toEqual([
      { name: 'clean', service: 'web', schedule: '0 3 * * *', command: 'bin/clean --all', args: ['bin/clean', '--all'], concurrency: 'Allow', parallelCount: 1 },
    ])
  })

  it.each([
    ['concurrency: forbid\nparallelCount: 3', { concurrency: 'Forbid', parallelCount: 3 }],
    ['concurrency: Replace', { concurrency: 'Replace' }],
  ])('reads %j', (yaml, expected) => {
    const parsed = timer(`schedule: "0 3 * * *"\n${rest}\n${yaml}`)
    expect(parsed.ok && parsed.manifest.timers[0]).toMatchObject(expected)
  })

  it.each([
    ['*/5 * * * *', '*/5 * * * *'], ['0 3 * * * *', '0 3 * * *'], ['0 3 * * ? *', '0 3 * * *'], ['*/1 * * * ?', '*/1 * * * *'], ['  0  3 * *  1-5 ', '0 3 * * 1-5'],
    ['0,30 8-18/2 1 jan-MAR mon,WED', '0,30 8-18/2 1 jan-MAR mon,WED'], ['5/15 * * * 0', '5/15 * * * 0'], ['@daily', '@daily'], ['@Hourly', '@hourly'],
  ])('on %j runs at %j', (schedule, expected) => {
    const parsed = timer(`schedule: ${JSON.stringify(schedule)}\n${rest}`)
    expect(parsed.ok ? parsed.manifest.timers[0]?.schedule : parsed.errors).toBe(expected)
  })

  const at = 'convox.yml: `timers.clean.schedule`'
  it.each([
    ['0 3 * *', `${at} must have five fields, minute to day of week, not 4: "0 3 * *".`],
    ['0 3 * * * * *', `${at} must have five fields, minute to day of week, not 7: "0 3 * * * * *".`],
    ['0 3 * * * 2027', `${at} restricts the year ("2027"), which Kubernetes does not know.`],
    ['60 24 0 13 7', `${at} cannot be read: minute "60" (0 to 59), hour "24" (0 to 23), day of month "0" (1 to 31), month "13" (1 to 12 or jan to dec), day of week "7" (0 to 6 or sun to sat).`],
    ['*/0 5-3 * * sunday', `${at} cannot be read: minute "*/0" (0 to 59), hour "5-3" (0 to 23), day of week "sunday" (0 to 6 or sun to sat).`],
    ['1- * * * *', `${at} cannot be read: minute "1-" (0 to 59).`],
    ['1,,2 * * * *', `${at} cannot be read: minute "1,,2" (0 to 59).`],
    ['@every 5m', `${at} has "@every 5m"; known are @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly.`],
    ['rate(5 minutes)', `${at} must have five fields, minute to day of week, not 2: "rate(5 minutes)".`],
    ['', `${at} must be a cron schedule such as "0 3 * * *", not "".`],
  ])('cannot run on %j', (schedule, error) => {
    const parsed = timer(`schedule: ${JSON.stringify(schedule)}\n${rest}`)
    expect(parsed.ok ? [] : parsed.errors).toEqual([error])
  })
})

describe('a release command', () => {
  it.each([
    ['service: web\n  command: bin/migrate --all', { service: 'web', command: 'bin/migrate --all', args: ['bin/migrate', '--all'], deadline: 600 }],
    ['service: web\n  command: bin/migrate\n  deadline: 1h', { deadline: 3600 }],
    ['service: web\n  command: bin/migrate\n  deadline: 90', { deadline: 90 }],
  ])('is read in %j', (yaml, expected) => {
    const parsed = parseManifest(`services:\n  web: {}\nrelease:\n  ${yaml}\n`)
    expect(parsed.ok ? parsed.manifest.release : parsed.errors).toMatchObject(expected)
  })
})

describe('a command', () => {
  it.each([
    ['bin/web -p 3000', ['bin/web', '-p', '3000']],
    ["sh -c 'bin/migrate && bin/web'", ['sh', '-c', 'bin/migrate && bin/web']],
    ['say "two words" three\\ four', ['say', 'two words', 'three four']],
    ['bin/web $PORT', ['bin/web', '$PORT']],
    ['bin/web $(PORT)', undefined],
    ['bin/web "$(PORT)"', ['bin/web', '$(PORT)']],
    ['ls *.js', ['ls', '*.js']],
    ["sh -c 'echo ${FOO:-x}'", ['sh', '-c', 'echo ${FOO:-x}']],
    ['a && b', undefined],
    ['a | b > c', undefined],
    ['a # note', undefined],
    ['echo ${FOO:-x}', undefined],
    ['say "never closed', undefined],
  ])('splits %s', (command, args) => {
    const parsed = parseManifest(`services:\n  web:\n    command: ${JSON.stringify(command)}\n`)
    expect(parsed.ok ? parsed.manifest.services[0]?.args : undefined).toEqual(args)
  })

  it('names the operators that no shell will run', () => {
    expect(webErrors('command: a && b | c')).toEqual(["convox.yml: `services.web.command` uses `&&`, `|`, but no shell runs it. Quote it, or write: sh -c '…'"])
  })
})

describe('an error', () => {
  it.each([
    ['services:\n  Web: {}', ['service name Web invalid, must contain only lowercase alphanumeric and dashes']],
    ['services:\n  1web: {}', ['service name 1web invalid, must contain only lowercase alphanumeric and dashes']],
    ['services:\n  web-: {}', ['service name web- invalid, must not end with a dash']],
    [`services:\n  ${'a'.repeat(64)}: {}`, [`service name ${'a'.repeat(64)} invalid, must not be longer than 63 characters`]],
    ['', ['convox.yml: there are no `services`.']],
    ['- a', ['convox.yml: it must be a map with `services`.']],
    ['services: 3', ['convox.yml: `services` must be a map of services, not 3.']],
    ['servicess:\n  web: {}', ['convox.yml: `servicess` is unknown. Did you mean `services`?', 'convox.yml: there are no `services`.']],
    ['resources:\n  main-db:\n    type: postgres\nservices:\n  web: {}', ['convox.yml: `resources` is not supported. Set its env instead: `/convox env set MAIN_DB_URL=…`']],
    ['services:\n  web: {}\ntimers: [a]', ['convox.yml: `timers` must be a map of timers, not a list.']],
    ['services:\n  web: {}\ntimers:\n  T: {schedule: "* * * * *", command: a, service: web}', ['timer name T invalid, must contain only lowercase alphanumeric and dashes']],
    [`services:\n  web: {}\ntimers:\n  ${'t'.repeat(47)}: {schedule: "* * * * *", command: a, service: web}`, [`timer name ${'t'.repeat(47)} invalid, must not be longer than 46 characters`]],
    ['services:\n  web: {}\ntimers:\n  t: {schedule: "* * * * *", command: a, service: wbe}', ['timer t references a service that does not exist: wbe']],
    ['services:\n  web: {}\ntimers:\n  t: {}', ['convox.yml: `timers.t` needs a `command`.', 'convox.yml: `timers.t.service` must name a service, not nothing.', 'convox.yml: `timers.t.schedule` must be a cron schedule such as "0 3 * * *", not nothing.']],
    ['services:\n  web: {}\ntimers:\n  t: {schedule: "* * * * *", command: a, service: web, concurrency: Never, parallelCount: 0, parallelism: 2, annotations: [a]}', [
      'convox.yml: `timers.t.parallelism` is not supported: write `parallelCount`.',
      'convox.yml: `timers.t.annotations` is not supported: objects carry the labels and annotations of Slipway alone.',
      'convox.yml: `timers.t.concurrency` must be Allow, Forbid or Replace, not "Never".',
      'convox.yml: `timers.t.parallelCount` must be a whole number from 1 to 100, not 0.',
    ]],
    ['services:\n  web: {}\nrelease: bin/migrate', ['convox.yml: `release` must be a map of service and command, not "bin/migrate".']],
    ['services:\n  web: {}\nrelease: {service: wbe, comand: a}', ['convox.yml: `release.comand` is unknown. Did you mean `command`?', 'convox.yml: `release` needs a `command`.', 'release references a service that does not exist: wbe']],
    ['services:\n  web: {}\nrelease: {service: web, command: a, deadline: 25h}', ['convox.yml: `release.deadline` must be seconds from 1 to 86400, or a duration such as 10m, not "25h".']],
    ['services:\n  web: {}\nrelease: {service: web, command: "a && b"}', ["convox.yml: `release.command` uses `&&`, but no shell runs it. Quote it, or write: sh -c '…'"]],
    ['services:\n  web: {}\nrelease: {service: web, command: "a ${TOKEN}"}', ["convox.yml: `release.command` holds `${TOKEN}`: env values may only stand in a service's `environment:`."]],
    ['services:\n  web: {}\nconfigs: {a: b}', ['convox.yml: `configs` must be a list of maps of id and value, not a map.']],
    ['services:\n  web: {}\nconfigs: [{id: A, value: x}, {id: b}, {id: c, value: x}, {id: c, value: y}, {id: d, name: e, value: z}]', [
      'convox.yml: `configs.0.id` must contain only lowercase alphanumeric and dashes, not "A".',
      'convox.yml: `configs.1.value` must be the content of the file, as a text, not nothing: a config is kept in convox.yml.',
      'convox.yml: `configs.4.name` is not supported: what is made of a config is named after its id and content.',
      'convox.yml: `configs` has the id "c" twice.',
    ]],
    ['services:\n  web: {}\nconfigs: [{id: a, value: "${KEY}"}]', ["convox.yml: `configs.value` holds `${KEY}`: env values may only stand in a service's `environment:`."]],
    ['balancers: {}\nbudget: {}\nlabels: {}\nparams: {}\nappSettings: {}\nservices:\n  web: {}', [
      'convox.yml: `balancers` is not supported: use `domain` and `ports` of a service, or make the balancer beside the app.',
      'convox.yml: `budget` is not supported: costs are not looked after here.',
      'convox.yml: `labels` is not supported: objects carry the labels and annotations of Slipway alone.',
      'convox.yml: `params` is not supported: set them with `/convox apps params set`.',
      'convox.yml: `appSettings` is not supported: logs stay where the cluster keeps them.',
    ]],
    ['services:\n  web: {}\n  web: {}', ['convox.yml line 3, column 3: key `web` is given twice']],
    ['services:\n  web: [1\n', ['convox.yml line 3, column 1: Flow sequence in block collection must be sufficiently indented and end with a ]']],
    ['services:\n  web:\n    environment: *shared\n', ['convox.yml line 3, column 18: no anchor `&shared` above this']],
    ['services:\n  ? [web]\n  : {}\n', ['convox.yml line 2, column 5: a key must be a word, not a list or a map']],
    ['services: {}\n---\nservices: {}\n', ['convox.yml line 2, column 1: more than one YAML document']],
  ])('of %j says what and where', (yaml, errors) => {
    expect(errorsOf(yaml)).toEqual(errors)
  })

  it.each([
    ['scale: {gpu: 1}', ['convox.yml: `services.web.scale.gpu` is not supported: where processes run is left to the cluster.']],
    ['resources: [database, "cache:REDIS"]', ['convox.yml: `services.web.resources` is not supported. Set its env instead: `/convox env set DATABASE_URL=… REDIS=…`']],
    ['agent: sometimes', ['convox.yml: `services.web.agent` must be true or false, not "sometimes".']],
    ['agent: {enabled: true, ports: [1]}', ['convox.yml: `services.web.agent.ports` is not supported: agent ports are now specified at the service level.']],
    ['agent: true\nscale: 2', ['convox.yml: `services.web.scale` counts processes, but an agent runs once on every node: leave count, min, max and targets out.']],
    ['agent: true\nsingleton: true', ['convox.yml: `services.web.singleton` contradicts agent: an agent runs once on every node.']],
    ['agent: true\ndeployment: {maximum: 150}', ['convox.yml: `services.web.deployment.maximum` must be 100 for an agent: a node runs it once.']],
    ['ports: 5000', ['convox.yml: `services.web.ports` must be a list of a port from 1 to 65535, "port/udp" or "port/tcp", not 5000.']],
    ['ports: [0, 70000, 5/sctp, {a: b}]', [0, 70_000, '"5/sctp"', 'a map'].map((given) => `convox.yml: \`services.web.ports\` must hold a port from 1 to 65535, "port/udp" or "port/tcp", not ${given}.`)],
    ['startupProbe: {grace: 3}', ['convox.yml: `services.web.startupProbe` needs a `path` or a `tcpSocketPort`, one of the two.']],
    ['startupProbe: {path: /, tcpSocketPort: 3}', ['convox.yml: `services.web.startupProbe` needs a `path` or a `tcpSocketPort`, one of the two.']],
    ['startupProbe: {tcpSocketPort: 3, port: 4}', ['convox.yml: `services.web.startupProbe.port` says nothing beside `tcpSocketPort`.']],
    ['startupProbe: {path: /up}', ["convox.yml: `services.web.startupProbe` needs a `port`, its own or its service's."]],
    ['startupProbe: {tcpSocketPort: 0, successThreshold: 2}', ['convox.yml: `services.web.startupProbe.successThreshold` must be a whole number from 1 to 1, not 2.', 'convox.yml: `services.web.startupProbe.tcpSocketPort` must be a whole number from 1 to 65535, not 0.']],
    ['initContainer: {}', ['convox.yml: `services.web.initContainer` needs a `command`, an `image` or both.']],
    ['initContainer: bin/wait', ['convox.yml: `services.web.initContainer` must be a map of image and command, not "bin/wait".']],
    ['initContainer: {image: "Tools:2", configMounts: []}', ['convox.yml: `services.web.initContainer.configMounts` is not supported: an init container finds what its service mounts.', 'convox.yml: `services.web.initContainer.image` is not an image reference: its name must be lower case.']],
    ['lifecycle: {preStop: 5, onStop: a}', ['convox.yml: `services.web.lifecycle.onStop` is unknown. Known here: preStop, postStart.', 'convox.yml: `services.web.lifecycle.preStop` must be a text, not 5.']],
    ['volumes: [data, 5, "a:/b:/c", "/x/../y", "/has space:/d"]', [
      'convox.yml: `services.web.volumes` must be a path that begins with /, not "data".',
      'convox.yml: `services.web.volumes` must hold "/path" or "name:/path", not 5.',
      'convox.yml: `services.web.volumes` must hold "/path" or "name:/path", not "a:/b:/c".',
      'convox.yml: `services.web.volumes` must be a path that begins with /, not "/x/../y".',
      'convox.yml: `services.web.volumes` has the name "/has space": letters, digits, dots, dashes and slashes only.',
    ]],
    ['volumes: ["/var/run/docker.sock:/var/run/docker.sock"]', ['convox.yml: `services.web.volumes` mounts "/var/run/docker.sock" of the node, which is not supported: a process sees its own storage alone.']],
    ['volumes: [/data, "/shared:/data/"]', ['convox.yml: `services.web` has the mount path "/data" twice.']],
    ['volumeOptions: [{awsEfs: {id: a}}]', ['convox.yml: `services.web.volumeOptions.0.awsEfs` is not supported: use `volumes`, which claims storage of the default StorageClass of the cluster; make that one of EFS where processes share files.']],
    ['volumeOptions: [{azureFiles: {id: a}}]', ['convox.yml: `services.web.volumeOptions.0.azureFiles` is not supported: use `volumes`, which claims storage of the default StorageClass of the cluster; make that one of Azure Files where processes share files.']],
    ['volumeOptions: [{emptyDir: {id: A b, mountPath: tmp, medium: Disk, sizeLimit: much}}]', [
      'convox.yml: `services.web.volumeOptions.0.emptyDir.medium` must be Memory, not "Disk".',
      'convox.yml: `services.web.volumeOptions.0.emptyDir.id` must contain only lowercase alphanumeric and dashes, not "A b".',
      'convox.yml: `services.web.volumeOptions.0.emptyDir.mountPath` must be a path that begins with /, not "tmp".',
      'convox.yml: `services.web.volumeOptions.0.emptyDir.sizeLimit` must be a size such as 512Mi, not "much".',
    ]],
    ['volumeOptions: [{emptyDir: {id: a, mountPath: /a}}, {emptyDir: {id: a, mountPath: /b}}]', ['convox.yml: `services.web.volumeOptions` has the id "a" twice.']],
    ['configMounts: [{id: none, dir: /etc, filename: a/b}, {dir: etc}]', [
      "config id: 'none' not found (services.web.configMounts.0)",
      'convox.yml: `services.web.configMounts.0.filename` must be the name of a file, not "a/b".',
      'convox.yml: `services.web.configMounts.1` needs an `id`.',
      'convox.yml: `services.web.configMounts.1.filename` must be the name of a file, not nothing.',
      'convox.yml: `services.web.configMounts.1.dir` must be a path that begins with /, not "etc".',
    ]],
    ['domain: shop.example.com', ['convox.yml: `services.web.domain` needs a `port` in its service.']],
    ['port: 1\ndomain: shop.example.com\ninternal: true', ['convox.yml: `services.web` has domain, which opens it to the outside, and internal, which closes it: give one of the two.']],
    ['port: 1\ndomain: [localhost, "http://a.b", "a..b", 5]', [
      'convox.yml: `services.web.domain` must be a domain, several with commas between them, or a list, not 5.',
      ...['localhost', 'http://a.b', 'a..b'].map((domain) => `convox.yml: \`services.web.domain\` has "${domain}", which is not a domain.`),
    ]],
    ['port: 1\ndomain: ${WEB_HOST}', ["convox.yml: `services.web.domain` holds `${WEB_HOST}`: env values may only stand in a service's `environment:`."]],
    ['scale: {count: 3, targets: {cpu: 50}}', ['convox.yml: `services.web.scale.targets` needs a range of processes, such as count: 1-5, not 3.']],
    ['scale: {count: 0-3, targets: {cpu: 50}}', ['convox.yml: `services.web.scale.targets` needs at least one process as the minimum.']],
    ['scale: {count: 1-3, targets: {}}', ['convox.yml: `services.web.scale.targets` needs cpu or memory.']],
    ['scale: {count: 1-3, targets: {cpu: 0, requests: 3}}', ['convox.yml: `services.web.scale.targets.requests` is not supported: processes are scaled by `scale.targets` with cpu and memory.', 'convox.yml: `services.web.scale.targets.cpu` must be a whole number from 1 to 1000, not 0.']],
    ['deployment: {progressDeadline: 29}', ['convox.yml: `services.web.deployment.progressDeadline` must be seconds from 30 to 21600, or a duration such as 10m, not 29.']],
    ['deployment: {progressDeadline: soon}', ['convox.yml: `services.web.deployment.progressDeadline` must be seconds from 30 to 21600, or a duration such as 10m, not "soon".']],
    ['deployment: {crashRestartLimit: -2}', ['convox.yml: `services.web.deployment.crashRestartLimit` must be a whole number from 1, not -2.']],
    ['tls: {redirect: false}', ['convox.yml: `services.web.tls` is not supported: routing beyond `domain` is a matter of the ingress controller.']],
    ['prot: 3000', ['convox.yml: `services.web.prot` is unknown. Did you mean `port`?']],
    ['scale: {cuont: 2}', ['convox.yml: `services.web.scale.cuont` is unknown. Did you mean `count`?']],
    ['termination: {nonsense: 2}', ['convox.yml: `services.web.termination.nonsense` is unknown. Known here: grace.']],
    ['port: 70000', ['convox.yml: `services.web.port` must be a port from 1 to 65535, "scheme:port" or a map of port and scheme, not 70000.']],
    ['port: tcp:3000', ['convox.yml: `services.web.port` has the scheme "tcp"; known are http, https, grpc.']],
    ['health: /check', ['convox.yml: `services.web.health` needs a `port` in its service.']],
    ['port: 1\nhealth: false', ['convox.yml: `services.web.health` must be a path or a map, not false.']],
    ['port: 1\nhealth: check', ['convox.yml: `services.web.health` must be a path that begins with /, not "check".']],
    ['port: 1\nliveness: {grace: 3}', ['convox.yml: `services.web.liveness` needs a `path`.']],
    ['deployment: {minimum: -1, maximum: 99}', ['service web deployment minimum can not be less than 0', 'service web deployment maximum can not be less than 100']],
    ['deployment: {minimum: 101, maximum: 201}', ['service web deployment minimum can not be greater than 100', 'service web deployment maximum can not be greater than 200']],
    ['deployment: {minimum: 100, maximum: 100}', ['convox.yml: `services.web.deployment` has minimum and maximum 100, so no process could ever be replaced.']],
    ['scale: {min: -1, max: -2}', ['service web: scale.min must be >= 0', 'service web: scale.max must be >= 0', 'service web: scale.max must be >= scale.min']],
    ['scale: 10-3', ['service web: scale.max must be >= scale.min']],
    ['scale: many', ['convox.yml: `services.web.scale` must be a number, a range such as "3-10" or a map of min and max, not "many".']],
    ['scale: {count: 2, min: 1}', ['convox.yml: `services.web.scale` has count, and min or max too: give one of the two.']],
    ['scale: {cpu: 500, limit: {cpu: 250}}', ['cpu limit can not be less cpu request (services.web.scale)']],
    ['scale: {memory: 500, limit: {memory: 250}}', ['memory limit can not be less memory request (services.web.scale)']],
    ['scale: {memory: 512Mi}', ['convox.yml: `services.web.scale.memory` must be a whole number from 1, not "512Mi".']],
    ['scale: {memory: 3000000000}', ['convox.yml: `services.web.scale.memory` must be a whole number from 1 to 2147483647, not 3000000000.']],
    ['drain: "3000000000"', ['convox.yml: `services.web.drain` must be a whole number from 0 to 2147483647, not "3000000000".']],
    ['singleton: "yes"', ['convox.yml: `services.web.singleton` must be true or false, not "yes".']],
    ['image: Shop:1', ['convox.yml: `services.web.image` is not an image reference: its name must be lower case.']],
    ['image: shop:1\nbuild: .', ['convox.yml: `services.web` has both build and image: give one of the two.']],
    ['environment: {FOO: bar}', ['convox.yml: `services.web.environment` must be a list of KEY or KEY=default, not a map.']],
    ['environment: [5, "A B=c"]', ['convox.yml: `services.web.environment` must hold KEY or KEY=default, not 5.', 'convox.yml: `services.web.environment` has a key that is not allowed: `A B` (it holds white space).']],
    ['image: "shop:${TAG}"', ["convox.yml: `services.web.image` holds `${TAG}`: env values may only stand in a service's `environment:`."]],
    ['build: {path: ., args: ["T=${TOKEN}"]}', ["convox.yml: `services.web.build.args` holds `${TOKEN}`: env values may only stand in a service's `environment:`."]],
  ])('of a service with %j says what and where', (yaml, errors) => {
    expect(webErrors(yaml)).toEqual(errors)
  })

  it('comes for a config that no ConfigMap can hold', () => {
    expect(errorsOf(`services:\n  web: {}\nconfigs: [{id: a, value: ${'x'.repeat(1_048_577)}}]`)).toEqual(['convox.yml: `configs.0.value` has more than 1 MiB.'])
  })

  it('comes with all the others at once, in the order of the file', () => {
    const errors = errorsOf('tiemrs: {}\nservices:\n  Bad: {}\n  web:\n    prot: 1\n    scale: x\n  worker:\n    privileged: true\n')
    expect(errors).toHaveLength(5)
    expect(validationText(errors).split('\n')[0]).toBe('validation errors:')
    expect(validationText(errors).split('\n')).toHaveLength(6)
  })

  it('comes for an alias bomb and for endless nesting instead of an exception', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdef'[index]}`).join(',')}]`).join('\n')}\n`
    expect(errorsOf(bomb)[0]).toMatch(/cannot be read/)
    expect(errorsOf('['.repeat(20_000))[0]).toMatch(/^convox\.yml/)
  })
})

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

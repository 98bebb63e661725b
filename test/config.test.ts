import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'
import { plainPolicy } from '../src/rack/roles.ts'

const key = `k1:${Buffer.alloc(32, 1).toString('base64')}`
const good = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', KUBECONFIG: '/kube', DATABASE_URL: 'postgres://db/slipway', SECRET_KEY: key }
const files: Record<string, string> = { '/kube': 'apiVersion: v1', '/docker/config.json': '{"auths":{"registry.example.com":{"auth":"YTpi"}}}', '/bad/config.json': '{"credsStore":"x"}' }
const read = (env: Record<string, string | undefined>) => readConfig({ env, hostname: 'host-1', readFile: (path) => files[path] ?? null })
const problemsOf = (env: Record<string, string | undefined>): string[] => {
  try {
    read(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ setting }) => setting)
  }
}

describe('readConfig', () => {
  it('reads a full set of settings', () => {
    const config = read({ ...good, ADMINS: 'U1, W2', VIEWERS: 'U3', RACK: 'prod', PORT: '8080', DOCKER_CONFIG: '/docker', PULL_SECRET: 'slipway/pull', INGRESS_CLASS: 'haproxy', LOG_LEVEL: 'debug', PLAIN_HTTP_REGISTRIES: 'r:5000 s:80' })
    expect(config).toMatchObject({
      slack: { botToken: 'xoxb-1', appToken: 'xapp-1' }, roles: plainPolicy(['U1', 'W2'], ['U3']), port: 8080, instance: 'host-1', logLevel: 'debug',
      database: { kind: 'postgres', url: 'postgres://db/slipway' }, registry: { plainHttp: ['r:5000', 's:80'] },
      racks: [{ name: 'prod', kubeconfig: 'apiVersion: v1', kubeconfigPath: '/kube', context: null, pullSecret: { namespace: 'slipway', name: 'pull' }, ingressClass: 'haproxy' }],
    })
    expect(config.registry.credentials.has('registry.example.com')).toBe(true)
  })

  it('takes the embedded database and the cluster it runs in when nothing is said', () => {
    const config = read({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', KUBERNETES_SERVICE_HOST: '10.0.0.1' })
    expect(config).toMatchObject({ database: { kind: 'embedded', directory: '.slipway/data' }, secretKeys: null, port: 3000, roles: plainPolicy([], []), racks: [{ name: 'convox', kubeconfig: null, kubeconfigPath: null, context: null, pullSecret: null, ingressClass: 'nginx' }] })
  })

  it('lists every problem at once, each with its fix', () => {
    const env = { ...good, SLACK_BOT_TOKEN: 'nope', SLACK_APP_TOKEN: undefined, ADMINS: 'bo', RACK: 'Bad Rack', PORT: '70000', LOG_LEVEL: 'loud', SECRET_KEY: 'k1:short', DOCKER_CONFIG: '/none', PULL_SECRET: 'pull', INGRESS_CLASS: 'Nginx!' }
    expect(problemsOf(env)).toEqual(['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'ADMINS', 'SECRET_KEY', 'RACK', 'PORT', 'DOCKER_CONFIG', 'PULL_SECRET', 'INGRESS_CLASS', 'LOG_LEVEL'])
    expect(() => read(env)).toThrow(/SLACK_APP_TOKEN: is missing\. It begins with xapp-/)
  })

  it.each([
    ['a database without a key', { ...good, SECRET_KEY: undefined }, ['SECRET_KEY']],
    ['a key id twice', { ...good, SECRET_KEY: `${key},${key}` }, ['SECRET_KEY']],
    ['a database that is no Postgres', { ...good, DATABASE_URL: 'mysql://db' }, ['DATABASE_URL']],
    ['a kubeconfig that is not there', { ...good, KUBECONFIG: '/gone' }, ['KUBECONFIG']],
    ['neither a kubeconfig nor a cluster around', { ...good, KUBECONFIG: undefined }, ['KUBECONFIG']],
    ['credential helpers', { ...good, DOCKER_CONFIG: '/bad' }, ['DOCKER_CONFIG']],
    ['a Slack address that is no URL', { ...good, SLACK_API_URL: 'slack' }, ['SLACK_API_URL']],
    ['nothing wrong', good, []],
  ])('refuses %s by name', (_what, env, settings) => {
    expect(problemsOf(env)).toEqual(settings)
  })

  it('never repeats a secret in what it says', () => {
    const text = (() => {
      try {
        read({ ...good, SLACK_BOT_TOKEN: 'not-xoxb-but-secret', SECRET_KEY: 'k1:c2VjcmV0' })
      } catch (error) {
        return String(error)
      }
      return ''
    })()
    expect(text).toContain('SLACK_BOT_TOKEN')
    expect(text).not.toMatch(/not-xoxb|c2VjcmV0/)
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'
import { settings } from '../src/settings.ts'

/** Set by Kubernetes itself in every pod: no setting of ours. */
const ofTheCluster = ['KUBERNETES_SERVICE_HOST']

/** Names that `readConfig` looks up in the environment. */
const askedFor = (env: Readonly<Record<string, string>>): string[] => {
  const asked = new Set<string>()
  const seen = new Proxy(env, {
    get: (target, name) => {
      asked.add(String(name))
      return target[String(name)]
    },
  })
  try {
    readConfig({ env: seen, hostname: 'host-1', readFile: () => null })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
  }
  return [...asked]
}

describe('the list of settings', () => {
  const listed = settings.map(({ name }) => name)

  it('has exactly what is read from the environment', () => {
    const asked = new Set([
      // Some are read only where nothing is wrong with the others.
      ...askedFor({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', KUBERNETES_SERVICE_HOST: '10.0.0.1' }),
      ...askedFor({}), ...askedFor({ DATABASE_URL: 'postgres://db/slipway' }), ...listed.flatMap((name) => askedFor({ [name]: 'x' })),
    ])
    expect([...asked].filter((name) => !ofTheCluster.includes(name)).toSorted()).toEqual([...listed].toSorted())
  })

  it('names each setting once, with words', () => {
    expect(new Set(listed).size).toBe(listed.length)
    for (const { name, what } of settings) expect(what, name).toMatch(/^\S.*[^.\n]$/)
  })

  it('has the settings that .env.example shows', () => {
    const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
    const shown = [...example.matchAll(/^(?:# )?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name)
    expect(shown.toSorted()).toEqual([...listed].toSorted())
  })

  it('may be filled in as .env.example shows it, also with the file of docs/config-file.md', () => {
    const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
    const file = /```yaml\n([\s\S]*?)```/.exec(read('docs/config-file.md'))?.[1] ?? ''
    const filled = Object.fromEntries([...read('.env.example').matchAll(/^([A-Z][A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]))
    const env = { ...filled, SECRET_KEY: `k1:${Buffer.alloc(32, 1).toString('base64')}`, KUBECONFIG: '/kube' }
    const kubeconfig = 'contexts:\n- name: prod-eu\n- name: staging-eu\n'
    const racksOf = (more: Readonly<Record<string, string>>) =>
      readConfig({ env: { ...env, ...more }, hostname: 'host-1', readFile: (path) => (path === '/slipway.yml' ? file : kubeconfig) }).racks.map(({ name }) => name)
    expect(racksOf({})).toEqual(['convox'])
    expect(racksOf({ CONFIG_FILE: '/slipway.yml' })).toEqual(['prod', 'staging'])
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig, type Config } from '../src/config.ts'
import { readConfigFile } from '../src/config-file.ts'
import { noGrants, principalOf, standingIn } from '../src/rack/roles.ts'

const problemsOf = (text: string): string[] => {
  const read = readConfigFile(text)
  return read.ok ? [] : read.problems.map(({ where, problem, fix }) => `${where}: ${problem}. ${fix}`)
}
const fileOf = (text: string) => {
  const read = readConfigFile(text)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.file
}
const documented = /```yaml\n([\s\S]*?)```/.exec(readFileSync(new URL('../docs/config-file.md', import.meta.url), 'utf8'))?.[1] ?? ''
const kubeconfig = 'contexts:\n- name: prod-eu\n- name: staging-eu\ncurrent-context: prod-eu\n'

const environment = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', CONFIG_FILE: '/slipway.yml' }
const read = (text: string, env: Readonly<Record<string, string>> = {}): Config =>
  readConfig({ env: { ...environment, ...env }, hostname: 'host-1', readFile: (path) => ({ '/slipway.yml': text, '/kube': kubeconfig, '/etc/slipway/kubeconfig': kubeconfig })[path] ?? null })
const settingsOf = (text: string, env: Readonly<Record<string, string>> = {}): string[] => {
  try {
    read(text, env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ setting, problem }) => `${setting} ${problem}`)
  }
}

describe('the config file', () => {
  it('reads the example of its documentation', () => {
    const { racks, roles } = read(documented)
    expect(racks).toEqual([
      { name: 'prod', kubeconfig, kubeconfigPath: '/etc/slipway/kubeconfig', context: 'prod-eu', ingressClass: 'haproxy', pullSecret: { namespace: 'slipway', name: 'slipway-pull' } },
      { name: 'staging', kubeconfig, kubeconfigPath: '/etc/slipway/kubeconfig', context: 'staging-eu', ingressClass: 'nginx', pullSecret: null },
    ])
    const roleOf = (id: string, rack: string, app: string, groups: readonly string[] = []) =>
      standingIn(roles, { id, owner: false, groups: (group) => (groups.includes(group) ? 'in' : 'out') }, rack, app).role
    expect([roleOf('U0CY', 'prod', 'shop'), roleOf('U0CY', 'prod', 'mail'), roleOf('U0CY', 'staging', 'shop'), roleOf('U0X', 'prod', 'mail', ['S0RELEASES']), roleOf('U0X', 'staging', 'mail', ['S0PLATFORM'])])
      .toEqual(['approver', 'viewer', 'deployer', 'approver', 'admin'])
    expect(principalOf(roles, 'U0BO')).toBe(principalOf(roles, 'U0BOADMIN'))
  })

  it('may be empty', () => {
    expect(fileOf('')).toEqual({ racks: [], roles: { everywhere: noGrants, racks: {}, people: {} }, namesAdmins: false, namesViewers: false })
  })

  it.each([
    ['what is no YAML', 'racks: [', /^line \d+: is not YAML: /],
    ['a key twice', 'roles:\n  admin: [U0BO]\nroles: {}\n', /^line 3: is not YAML: Map keys must be unique/],
    ['a setting it does not know', 'racks:\n  prod:\n    ingress: nginx\n', /^racks\.prod\.ingress, line 3: is not known\. /],
    ['a name that is no rack\'s', 'racks:\n  Prod: {}\n', /^racks\.Prod, line 2: is not a rack name\. Up to 30/],
    ['an id that is nobody\'s', 'roles:\n  admin:\n    - U0BO\n    - bo\n', /^roles\.admin\.1, line 4: "bo" is not a Slack id\. /],
    ['a group as one person\'s id', 'people:\n  bo: [U0BO, S0GROUP]\n', /^people\.bo\.1, line 2: "S0GROUP" is not the Slack id of a person\. /],
    ['a person with one id', 'people:\n  bo: [U0BO]\n', /^people\.bo, line 2: has one id/],
    ['an id of two people', 'people:\n  bo: [U0BO, U0TWO]\n  cy: [U0CY, U0TWO]\n', /^people\.cy, line 3: "U0TWO" is "bo" already\. /],
    ['an id with two roles at one place', 'roles:\n  viewer: [U0BO]\n  admin: [U0BO]\n', /^roles\.admin, line 3: "U0BO" is admin here and viewer too\. /],
    ['the same for an app', 'racks:\n  prod:\n    roles:\n      apps:\n        shop:\n          viewer: [U0BO]\n          approver: [U0BO]\n', /^racks\.prod\.roles\.apps\.shop\.approver, line 7: /],
    ['admin as the default', 'roles:\n  default: admin\n', /^roles\.default, line 2: "admin" is none of viewer, deployer, approver\. /],
    ['a list that is none', 'roles:\n  admin: U0BO\n', /^roles\.admin, line 2: should be a list\. /],
    ['a pull secret without a namespace', 'racks:\n  prod:\n    pullSecret: pull\n', /^racks\.prod\.pullSecret, line 3: "pull" does not say where the Secret is\. /],
    ['two kinds of cluster for one rack', 'racks:\n  prod:\n    inCluster: true\n    kubeconfig: /kube\n', /^racks\.prod, line 2: has a kubeconfig and is inCluster\. /],
    ['a rack in another one\'s namespaces', 'racks:\n  prod: {}\n  prod-eu: {}\n', /^racks\.prod-eu, line 3: begins as the namespaces of "prod" do\. /],
  ])('names %s, where it stands, and what to do', (_what, text, says) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(says)])
  })

  it('lists everything at once', () => {
    expect(problemsOf('racks:\n  Prod: {}\nroles:\n  admin: [bo]\n  boss: [U1]\n')).toHaveLength(3)
  })
})

describe('the settings with a config file', () => {
  it('give each rack what it does not say itself', () => {
    const { racks } = read('racks:\n  prod:\n  staging:\n    context: staging-eu\n    ingressClass: own\n', { KUBECONFIG: '/kube', INGRESS_CLASS: 'haproxy', PULL_SECRET: 'a/b' })
    expect(racks).toEqual([
      { name: 'prod', kubeconfig, kubeconfigPath: '/kube', context: null, ingressClass: 'haproxy', pullSecret: { namespace: 'a', name: 'b' } },
      { name: 'staging', kubeconfig, kubeconfigPath: '/kube', context: 'staging-eu', ingressClass: 'own', pullSecret: { namespace: 'a', name: 'b' } },
    ])
  })

  it('take the cluster around for a rack that is said to be there', () => {
    expect(read('racks:\n  here:\n    inCluster: true\n  there:\n    kubeconfig: /kube\n', { KUBERNETES_SERVICE_HOST: '10.0.0.1' }).racks.map(({ kubeconfig: text, kubeconfigPath }) => [text, kubeconfigPath])).toEqual([[null, null], [kubeconfig, '/kube']])
  })

  it('are as without it where it says nothing', () => {
    expect(read('', { KUBECONFIG: '/kube', RACK: 'prod', ADMINS: 'U1', VIEWERS: 'U2' })).toMatchObject({
      racks: [{ name: 'prod' }], roles: { everywhere: { admin: ['U1'], viewer: ['U2'] }, racks: {}, people: {} },
    })
  })

  it.each([
    ['a file that is not there', '', { CONFIG_FILE: '/gone.yml', KUBECONFIG: '/kube' }, ['CONFIG_FILE /gone.yml cannot be read']],
    ['RACK beside racks', 'racks:\n  prod:\n', { RACK: 'x', KUBECONFIG: '/kube' }, ['RACK is set, and CONFIG_FILE names racks']],
    ['admins at both places', 'roles:\n  admin: [U1A]\n', { ADMINS: 'U2', KUBECONFIG: '/kube' }, ['ADMINS is set, and CONFIG_FILE names them too']],
    ['viewers at both places', 'roles:\n  viewer: [U1A]\n', { VIEWERS: 'U2', KUBECONFIG: '/kube' }, ['VIEWERS is set, and CONFIG_FILE names them too']],
    ['who is admin and viewer', '', { ADMINS: 'U2', VIEWERS: 'U2', KUBECONFIG: '/kube' }, ['VIEWERS "U2" is in ADMINS too']],
    ['a kubeconfig that is not there', 'racks:\n  prod:\n    kubeconfig: /gone\n', {}, ['CONFIG_FILE /slipway.yml: racks.prod.kubeconfig /gone cannot be read']],
    ['a context that the kubeconfig lacks', 'racks:\n  prod:\n    kubeconfig: /kube\n    context: prod-us\n', {}, ['CONFIG_FILE /slipway.yml: racks.prod.context "prod-us" is not in /kube']],
    ['a rack without a cluster', 'racks:\n  prod:\n', {}, ['CONFIG_FILE /slipway.yml: racks.prod names no cluster']],
    ['a cluster around that is not', 'racks:\n  prod:\n    inCluster: true\n', { KUBECONFIG: '/kube' }, ['CONFIG_FILE /slipway.yml: racks.prod is said to be this cluster, and this process runs in none']],
    ['a wrong file, without guessing at what follows from it', 'racks:\n  prod:\n    kubeconfig: 1\n', {}, ['CONFIG_FILE /slipway.yml: racks.prod.kubeconfig, line 3 should be a string']],
    ['everything else with it', 'roles:\n  admin: [bo]\n', { PORT: 'x', KUBECONFIG: '/kube' }, ['CONFIG_FILE /slipway.yml: roles.admin.0, line 2 "bo" is not a Slack id', 'PORT "x" is not a port']],
  ])('refuse %s', (_what, text, env, problems) => {
    expect(settingsOf(text, env)).toEqual(problems)
  })
})

import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { freePort } from '../../support/free-port.ts'
import { auditedRequests, auditFlags, type AuditedRequest } from './audit-log.ts'
import { controlPlaneBinaries } from './build.ts'
import { writeCertificates } from './certificates.ts'
import { forgetHistory } from './forget-history.ts'
import type { Program } from './program.ts'
import { startProgram } from './program.ts'

/** A running control plane. */
export interface ControlPlane {
  url: string
  /** A kubeconfig file of an administrator (group system:masters). */
  kubeconfig: string
  /** The administrator's bearer token. */
  token: string
  /** The certificate that the API server shows, PEM. */
  ca: string
  /** A kubeconfig file of an existing ServiceAccount, with a token of the TokenRequest API: an hour of what RBAC gives it. */
  serviceAccountKubeconfig(namespace: string, name: string): Promise<string>
  /**
   * A kubeconfig file for another user of the cluster, without any rights of its own: what RBAC gives that user or its groups.
   * Known to the API server from its next start on, so this restarts it.
   */
  addUser(name: string, groups?: readonly string[]): Promise<string>
  /** Every request of the user that is audited, in the order of their answers. Throws when none is. */
  audited(): readonly AuditedRequest[]
  /** Takes the API server away as a crash does (SIGKILL). */
  killApiServer(): Promise<void>
  /** Starts it again where it was, and waits until it is ready. */
  restartApiServer(): Promise<void>
  /** Starts another API server before the same etcd, which keeps no changes in memory: it knows of the past what etcd knows. */
  startForgetfulApiServer(): Promise<{ readonly port: number; stop(): Promise<void> }>
  /** Has etcd forget every resourceVersion before the present one. */
  forgetHistory(): Promise<void>
  /** Stops everything and removes its files. */
  stop(): Promise<void>
}

const tokenSchema = z.looseObject({ status: z.looseObject({ token: z.string() }) })

const kubeconfigOf = (url: string, ca: string, user: string, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user } }],
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: user, user: { token } }],
  })

/** Waits until every path answers 200; fails at once when a program has ended. */
const ready = async (probes: readonly (() => Promise<boolean>)[], programs: readonly Program[], what: string): Promise<void> => {
  const deadline = Date.now() + 60_000
  for (;;) {
    const dead = programs.find((program) => program.ended())
    if (dead !== undefined) throw new Error(`${dead.name} ended while ${what} was starting:\n${dead.tail()}`)
    if ((await Promise.all(probes.map((probe) => probe()))).every(Boolean)) return
    if (Date.now() > deadline)
      throw new Error(`${what} was not ready in 60 s:\n${programs.map((program) => `--- ${program.name}\n${program.tail()}`).join('\n')}`)
    await pause(100)
  }
}

/**
 * Starts etcd, kube-apiserver, kube-controller-manager and kube-scheduler on free ports of 127.0.0.1 with RBAC, in seconds
 * (building them first when this machine never did). There is no node: start a scripted kubelet beside it.
 * Its files are in a folder of its own in `within`. Flags: reference/rollouts.md 6. `audit` names the user whose requests are logged.
 * Throws GoMissing when they must be built and there is no Go, and with the tail of its log when a program fails.
 */
export const startControlPlane = async (within = tmpdir(), { audit }: { readonly audit?: string } = {}): Promise<ControlPlane> => {
  const binaries = await controlPlaneBinaries((line) => process.stderr.write(`control plane: ${line}\n`))
  const folder = mkdtempSync(join(within, 'slipway-control-plane-'))
  const file = (name: string) => join(folder, name)
  const [client, peer, api, manager, scheduler] = await Promise.all([freePort(), freePort(), freePort(), freePort(), freePort()])
  const certificates = await writeCertificates(folder)
  const ca = readFileSync(certificates.serverCert, 'utf8')
  const url = `https://127.0.0.1:${api}`
  const token = randomBytes(24).toString('hex')
  const kubeconfig = file('kubeconfig')
  mkdirSync(file('etcd'), { mode: 0o700 })
  writeFileSync(file('tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 })
  writeFileSync(kubeconfig, kubeconfigOf(url, ca, 'admin', token), { mode: 0o600 })
  const agent = new Agent({ connect: { rejectUnauthorized: false } })
  const run = (name: string, flags: Record<string, string | number | boolean>) =>
    startProgram(
      name,
      join(binaries, name),
      Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
      file(`${name}.log`),
    )
  const answers = (address: string) => async (): Promise<boolean> => {
    try {
      const answer = await request(address, { dispatcher: agent, headersTimeout: 2_000, headers: { authorization: `Bearer ${token}` } })
      await answer.body.dump()
      return answer.statusCode === 200
    } catch (error) {
      // Nobody listens yet: asked again until the deadline.
      if (error instanceof Error) return false
      throw error
    }
  }

  const etcd = run('etcd', {
    name: 'node0',
    'data-dir': file('etcd'),
    'unsafe-no-fsync': true,
    'listen-client-urls': `http://127.0.0.1:${client}`,
    'advertise-client-urls': `http://127.0.0.1:${client}`,
    'listen-peer-urls': `http://127.0.0.1:${peer}`,
    'initial-advertise-peer-urls': `http://127.0.0.1:${peer}`,
    'initial-cluster': `node0=http://127.0.0.1:${peer}`,
  })
  const startApiServer = (port = api, more: Readonly<Record<string, boolean>> = {}) =>
    run('kube-apiserver', {
      'etcd-servers': `http://127.0.0.1:${client}`,
      'bind-address': '127.0.0.1',
      'advertise-address': '127.0.0.1',
      'secure-port': port,
      'cert-dir': file('certs'),
      'tls-cert-file': certificates.serverCert,
      'tls-private-key-file': certificates.serverKey,
      'service-account-key-file': certificates.serviceAccountKey,
      'service-account-signing-key-file': certificates.serviceAccountKey,
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'token-auth-file': file('tokens.csv'),
      'authorization-mode': 'RBAC',
      'allow-privileged': true,
      'kubelet-preferred-address-types': 'InternalIP',
      'endpoint-reconciler-type': 'none',
      'service-cluster-ip-range': '10.96.0.0/16',
      ...(audit === undefined ? {} : auditFlags(folder, audit)),
      ...more,
    })
  let apiServer = startApiServer()
  const apiReady = () => ready([answers(`${url}/readyz`)], [etcd, apiServer], 'the API server')
  const programs: Program[] = []
  const spare: Program[] = []
  const stop = async () => {
    for (const program of programs) await program.stop('SIGTERM')
    for (const server of [...spare, apiServer]) await server.stop('SIGKILL')
    await etcd.stop('SIGKILL')
    await agent.destroy()
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    await apiReady()
    programs.push(
      run('kube-controller-manager', {
        kubeconfig,
        'leader-elect': false,
        'bind-address': '127.0.0.1',
        'secure-port': manager,
        'cert-dir': file('certs'),
        'service-account-private-key-file': certificates.serviceAccountKey,
        'root-ca-file': certificates.serverCert,
        // The scripted kubelet keeps its node ready and untainted itself.
        controllers: '*,-node-lifecycle-controller,-node-ipam-controller,-ttl-controller,-cloud-node-lifecycle-controller',
        'kube-api-qps': 500,
        'kube-api-burst': 1000,
      }),
      run('kube-scheduler', { kubeconfig, 'leader-elect': false, 'bind-address': '127.0.0.1', 'secure-port': scheduler, 'cert-dir': file('certs') }),
    )
    const local = (port: number) => answers(`https://127.0.0.1:${port}/healthz`)
    // Pods of a namespace are refused until its service account exists: wait for the first one.
    const serviceAccount = answers(`${url}/api/v1/namespaces/default/serviceaccounts/default`)
    await ready([local(manager), local(scheduler), serviceAccount], [etcd, apiServer, ...programs], 'the control plane')
  } catch (error) {
    await stop()
    throw error
  }

  const userFile = (name: string, userToken: string): string => {
    const path = file(`kubeconfig-${name.replaceAll(/[^\w.-]/g, '_')}`)
    writeFileSync(path, kubeconfigOf(url, ca, name, userToken), { mode: 0o600 })
    return path
  }
  const killApiServer = () => apiServer.stop('SIGKILL')
  const restartApiServer = async () => {
    await killApiServer()
    apiServer = startApiServer()
    await apiReady()
  }
  return {
    url,
    kubeconfig,
    token,
    ca,
    stop,
    audited: () => {
      if (audit === undefined) throw new Error('nobody is audited')
      return auditedRequests(folder)
    },
    killApiServer,
    restartApiServer,
    startForgetfulApiServer: async () => {
      const port = await freePort()
      const forgetful = startApiServer(port, { 'watch-cache': false })
      spare.push(forgetful)
      await ready([answers(`https://127.0.0.1:${port}/readyz`)], [forgetful], 'the forgetful API server')
      return { port, stop: () => forgetful.stop('SIGKILL') }
    },
    forgetHistory: () => forgetHistory(`http://127.0.0.1:${client}`),
    serviceAccountKubeconfig: async (namespace, name) => {
      const answer = await request(`${url}/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
        method: 'POST',
        dispatcher: agent,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } }),
      })
      const text = await answer.body.text()
      if (answer.statusCode !== 201) throw new Error(`no token for ${namespace}/${name}: ${text}`)
      return userFile(`${namespace}-${name}`, tokenSchema.parse(JSON.parse(text)).status.token)
    },
    addUser: async (name, groups = []) => {
      const userToken = randomBytes(24).toString('hex')
      appendFileSync(file('tokens.csv'), `${userToken},${name},${name},"${groups.join(',')}"\n`)
      await restartApiServer()
      return userFile(name, userToken)
    },
  }
}

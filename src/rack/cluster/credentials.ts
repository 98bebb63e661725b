import type { RequestOptions } from 'node:https'
import { dirname, resolve } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { z } from 'zod'
import { inTime } from '../in-time.ts'
import { isRecord } from '../is-record.ts'

const tokenFiles = z.object({ users: z.array(z.object({ name: z.string(), user: z.object({ tokenFile: z.string() }) }).nullable().catch(null)).catch([]) }).catch({ users: [] })

/** Relative paths begin where the file is, as for kubectl: also that of a plugin, and `tokenFile`, of both of which client-node knows nothing. */
const resolvePaths = (config: KubeConfig, kubeconfig: string, folder: string): void => {
  config.makePathsAbsolute(folder)
  const files = new Map(tokenFiles.parse(parse(kubeconfig)).users.flatMap((entry) => (entry === null ? [] : [[entry.name, entry.user.tokenFile]])))
  config.users = config.users.map(({ token, ...user }) => {
    const file = files.get(user.name)
    const exec: unknown = user.exec
    return {
      ...user,
      ...(isRecord(exec) && typeof exec['command'] === 'string' && exec['command'].includes('/') ? { exec: { ...exec, command: resolve(folder, exec['command']) } } : {}),
      // Of both the file counts, which is read anew.
      ...(file === undefined ? (token === undefined ? {} : { token }) : { authProvider: { name: 'tokenFile', config: { tokenFile: resolve(folder, file) } } }),
    }
  })
}

/** From the text of a kubeconfig file, or in-cluster when null. `context`: another than the file's current one. `path`: the file, where relative ones in it begin. */
export const loadKubeConfig = (kubeconfig: string | null, context: string | null = null, path: string | null = null): KubeConfig => {
  const config = new KubeConfig()
  if (kubeconfig === null) config.loadFromCluster()
  else {
    config.loadFromString(kubeconfig)
    resolvePaths(config, kubeconfig, path === null ? '.' : dirname(path))
  }
  if (context !== null) config.setCurrentContext(context)
  if (config.getCurrentCluster() === null) throw new Error('the kubeconfig names no cluster in its current context')
  return config
}

/** Who we are to the cluster, and how it is known to us. */
export interface Credentials {
  /** Without a slash at the end. */
  readonly server: string
  /** Certificates as they are now. Rejects when a plugin does not tell within a minute. */
  tls(): Promise<RequestOptions>
  /** Headers that say who asks: applied to every request anew, because projected tokens and exec plugins rotate. */
  headers(): Promise<Record<string, string>>
  /** Forgets what was read or asked of a plugin: the next request takes new credentials. */
  renew(): void
}

/** Milliseconds after which nothing more is expected of a plugin that does not answer; the next request runs it again. */
const pluginLimit = 60_000

/** `load` is called again when the server does not know the credentials any more: client-node keeps a file's token for a minute, and a plugin's until it runs out. */
export const openCredentials = (load: () => KubeConfig): Credentials => {
  let config = load()
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('the kubeconfig names no cluster in its current context')
  const ask = async (): Promise<RequestOptions> => {
    const https: RequestOptions = {}
    await config.applyToHTTPSOptions(https)
    return https
  }
  let asking: Promise<RequestOptions> | null = null
  /** Once for everybody who wants to know at the same time: client-node runs a plugin for each who asks before it has answered. */
  const tls = (): Promise<RequestOptions> => {
    if (asking !== null) return asking
    const one = inTime(ask(), pluginLimit, `the credentials did not come in ${String(pluginLimit / 1_000)} s`)
    asking = one
    const over = (): void => {
      if (asking === one) asking = null
    }
    void one.then(over, over)
    return one
  }
  return {
    server: cluster.server.replace(/\/$/, ''),
    tls,
    headers: async () => {
      const https = await tls()
      const headers: Record<string, string> = {}
      if (isRecord(https.headers)) for (const [name, value] of Object.entries(https.headers)) if (typeof value === 'string') headers[name] = value.trim()
      if (typeof https.auth === 'string') headers['authorization'] = `Basic ${Buffer.from(https.auth).toString('base64')}`
      return headers
    },
    renew: () => {
      config = load()
      asking = null
    },
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { startProcess, type SlipwayProcess } from '../flows/promotions/slipway-process.ts'

/** Two processes on one database. Each names the simulated Slack by another Host, so that its calls can be told from the other's. */
export interface Replicas {
  /** `kill -9` of the one that named this Host, which is there again after `ms`. Nothing while it is dead. */
  kill(caller: string, ms: number): void
  /** Settles once those that are to die are dead. */
  gone(): Promise<void>
  /** Settles once none is dead. Rejects when one could not be started again. */
  whole(): Promise<void>
  /** What all of them logged, the dead ones too. */
  logged(): string
  close(): Promise<void>
}

const hosts = ['127.0.0.1', 'localhost'] as const

/** Starts both in these surroundings, from the program in `bundle`. */
export const startReplicas = async (environment: Readonly<Record<string, string>>, bundle: string): Promise<Replicas> => {
  const address = new URL(environment['SLACK_API_URL'] ?? '')
  const logs: string[] = []
  const begin = (host: string): Promise<SlipwayProcess> =>
    startProcess({ ...environment, INSTANCE_ID: `replica-${host}`, SLACK_API_URL: `http://${host}:${address.port}${address.pathname}` }, null, bundle)
  const running = new Map(await Promise.all(hosts.map(async (host) => [host as string, await begin(host)] as const)))
  const comingBack = new Set<Promise<void>>()
  const dying = new Set<Promise<void>>()
  const failed: unknown[] = []
  let closing = false

  const bring = async (host: string, dead: SlipwayProcess, ms: number): Promise<void> => {
    const death = dead.kill().finally(() => dying.delete(death))
    dying.add(death)
    await death
    logs.push(dead.logged())
    await sleep(ms)
    if (!closing) running.set(host, await begin(host))
  }
  return {
    kill: (caller, ms) => {
      const host = caller.replace(/:\d+$/u, '')
      const victim = running.get(host)
      if (victim === undefined || closing) return
      running.delete(host)
      const coming = bring(host, victim, ms).catch((error: unknown) => void failed.push(error)).finally(() => comingBack.delete(coming))
      comingBack.add(coming)
    },
    gone: async () => void (await Promise.all(dying)),
    whole: async () => {
      while (comingBack.size > 0) await Promise.all(comingBack)
      if (failed.length > 0) throw failed[0]
    },
    logged: () => [...logs, ...[...running.values()].map((one) => one.logged())].join('\n'),
    close: async () => {
      closing = true
      await Promise.all(comingBack)
      await Promise.all([...running.values()].map((one) => one.kill()))
    },
  }
}

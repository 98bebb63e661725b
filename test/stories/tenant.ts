import { z } from 'zod'
import type { Ephemeral, Message } from '../../sandbox/slack/records.ts'
import { shopManifest } from '../support/world.ts'
import type { Place } from './place.ts'

const ending = /^(Succeeded|Rolled back|Failed|Superseded|Rollback FAILED|Cancelled)\b/
/** Milliseconds until a promotion of a story has ended. */
const within = 90_000

const deploymentSchema = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    replicas: z.number(),
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.looseObject({
        containers: z.array(z.looseObject({ image: z.string(), envFrom: z.array(z.looseObject({ secretRef: z.looseObject({ name: z.string() }) })).optional(), env: z.array(z.looseObject({ name: z.string() })).optional() })),
      }),
    }),
  }),
  status: z.looseObject({ readyReplicas: z.number().optional(), replicas: z.number().optional() }),
})
export type DeploymentSeen = z.infer<typeof deploymentSchema>
const listOf = <T extends z.ZodType>(item: T) => z.looseObject({ items: z.array(item) })
const secretSchema = z.looseObject({ metadata: z.looseObject({ name: z.string() }), data: z.record(z.string(), z.string()).optional() })

const words = (message: { text: string; blocks?: unknown }): string => `${message.text}\n${JSON.stringify(message.blocks ?? [])}`

/** One app of a story, and what its people and its cluster show of it. */
export interface Tenant {
  readonly app: string
  readonly namespace: string
  /** A command of Ana's about this app; answers the first new ephemeral that says `like`. */
  type(command: string, like: RegExp): Promise<string>
  /** Imports images with a convox.yml; answers the release. */
  import(images: string, manifest: string): Promise<string>
  /** The same with the newest build's convox.yml. */
  importAgain(images: string): Promise<string>
  /** Promotes, without waiting. */
  promote(release: string): Promise<void>
  /** The card of that release's newest promotion, once it says `like`. */
  card(release: string, like: RegExp): Promise<Message>
  /** The same once the promotion has ended and its last word is in the thread. */
  ended(release: string): Promise<Message>
  deployments(): Promise<DeploymentSeen[]>
  deployment(service: string): Promise<DeploymentSeen>
  /** The env that the processes of a service get: their Secret, decoded. */
  env(service: string): Promise<Record<string, string>>
  /** Waits until it is so on the cluster. */
  until(what: string, isSo: () => Promise<boolean>): Promise<void>
}

export { shopManifest }

/** convox.yml of one service with a port. */
export const webManifest = `environment:
  - GREETING=hello
services:
  web:
    build: .
    command: bin/web
    port: 5000
    health: /health
    scale: 2
`

/** Makes the app, without approvals and with a short stability window unless told otherwise. */
export const openTenant = async (place: Place, app: string, params = 'approvals=0 stability=1s'): Promise<Tenant> => {
  const { story, kube } = place
  const { slack } = story.world
  const namespace = `convox-${app}`
  const releaseIn = (text: string): string => {
    const release = /Release: +(R[A-Z]{10})/.exec(text)?.[1] ?? /release\.\.\. OK, (R[A-Z]{10})/.exec(text)?.[1]
    if (release === undefined) throw new Error(`no release in ${text}`)
    return release
  }
  const type: Tenant['type'] = (command, like) => story.ask(story.ana, `/convox ${command} -a ${app}`, like)
  const until: Tenant['until'] = async (what, isSo) => {
    const deadline = Date.now() + 30_000
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error(`not in 30 s: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const card: Tenant['card'] = (release, like) =>
    slack.until(() => slack.messages(story.channel).findLast((message) => message.thread === undefined && message.text.includes(release) && like.test(message.text)), within)
  const deployments = async () => listOf(deploymentSchema).parse(await kube.get(`/apis/apps/v1/namespaces/${namespace}/deployments`)).items
  const deployment = async (service: string): Promise<DeploymentSeen> => {
    const found = (await deployments()).find(({ metadata }) => metadata.name === service)
    if (found === undefined) throw new Error(`no Deployment ${service}`)
    return found
  }

  await story.ask(story.bo, `/convox apps create ${app}`, new RegExp(app))
  await story.ask(story.bo, `/convox apps params set ${params} -a ${app}`, /approvals/)
  return {
    app, namespace, type, until, card, deployments, deployment,
    import: async (images, manifest) => {
      const before = new Set(story.ana.ephemerals(story.channel).map(({ ts }) => ts))
      await story.ana.command(story.channel, `/convox builds import-image ${images} --manifest -a ${app}`)
      // First comes a loading view.
      const view = await slack.until(() => [story.ana.openView()].find((one) => one?.body.blocks.some((block) => block.type === 'input')))
      await story.ana.submit(view, { Text: manifest })
      const isAnswer = (message: Ephemeral): boolean => !before.has(message.ts) && /Release: +R[A-Z]{10}/.test(words(message))
      return releaseIn(words(await slack.until(() => story.ana.ephemerals(story.channel).find(isAnswer))))
    },
    importAgain: async (images) => releaseIn(await type(`builds import-image ${images}`, /Release: +R/)),
    promote: async (release) => void (await type(`releases promote ${release}`, /Promoting/)),
    ended: async (release) => {
      const found = await card(release, ending)
      // The last word: the seeds' OK, or a notice that ends with its ERROR line.
      await slack.until(() => slack.thread(found).some((message) => /(^|\n)OK\b/.test(message.text) || /ERROR: /.test(JSON.stringify(message.blocks ?? []))), within)
      return found
    },
    env: async (service) => {
      const secret = (await deployment(service)).spec.template.spec.containers[0]?.envFrom?.[0]?.secretRef.name
      if (secret === undefined) throw new Error(`${service} has no env`)
      const { data } = secretSchema.parse(await kube.get(`/api/v1/namespaces/${namespace}/secrets/${secret}`))
      return Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
    },
  }
}

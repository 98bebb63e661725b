import { setTimeout as pause } from 'node:timers/promises'
import type { Message } from '../../sandbox/slack/records.ts'
import type { Caller } from '../../src/rack/operations.ts'
import type { PromotionView } from '../../src/rack/promotion-view.ts'
import { people } from '../support/world.ts'
import { followEndpoints, startTraffic, type Endpoints, type Traffic } from './endpoints.ts'
import type { Life, Stage } from './stage.ts'

/** Milliseconds that a promotion of a play may take on a busy machine. */
const patience = 120_000

/** One app of a play, in a channel of its own. */
export interface Tenant {
  readonly app: string
  readonly namespace: string
  readonly caller: Caller
  /** Imports these lives by service, with this convox.yml or the newest build's; answers the release. */
  import(services: Readonly<Record<string, Life>>, manifest?: string): Promise<string>
  /** The same with images as they are. */
  importImages(images: Readonly<Record<string, string>>, manifest?: string): Promise<string>
  /** Begins; answers the promotion's id. */
  promote(release: string): Promise<string>
  /** The promotion once it is so. Throws when it ended otherwise or nothing came in time. */
  until(promotion: string, what: string, isSo: (view: PromotionView) => boolean): Promise<PromotionView>
  /** The promotion once it has ended. */
  ended(promotion: string): Promise<PromotionView>
  /** Imports, promotes and waits for the end. */
  release(services: Readonly<Record<string, Life>>, manifest?: string): Promise<PromotionView>
  params(params: Readonly<Record<string, string>>): Promise<void>
  /**
   * The one notice of a promotion, as people read it, once it is in the channel and its card shows the end: with all plays at once the budget for redraws
   * (50 a minute in the workspace) lets a card come after its last word.
   */
  notice(release: string): Promise<{ readonly card: string; readonly text: string }>
  /** Everything in the threads of its cards, once it says that too. */
  thread(release: string, like: string): Promise<string>
  endpoints(service: string): Endpoints
  /** What the ready processes of `web` answer as soon as all of them say the same: release and greeting, or what else is at `path`. */
  answer(path?: string): Promise<string>
  traffic(endpoints: Endpoints): Traffic
}

const final = new Set(['succeeded', 'rejected', 'expired', 'cancelled', 'failed', 'superseded', 'rolled_back', 'rollback_failed'])
const read = (message: Message): string => `${message.text}\n${JSON.stringify(message.blocks ?? [])}`

/** Looks until there is something. Throws with what was waited for when it does not come. */
export const waitFor = async <T>(what: () => string, look: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  const deadline = Date.now() + patience
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`not in ${patience / 1000} s: ${what()}`)
    await pause(100)
  }
}

/** Makes the app, without approvals and with a stability window of a second. */
export const openTenant = async (stage: Stage, app: string): Promise<Tenant> => {
  const { operations, kube, reach } = stage
  const { slack } = stage.world
  const channel = `C0${app.toUpperCase().replaceAll('-', '')}`
  slack.workspace.putChannel({ id: channel, name: app, members: [...Object.values(people).map(({ id }) => id), slack.workspace.bot.userId] })
  const caller: Caller = { actor: { id: people.bo.id, name: people.bo.name, role: 'admin' }, channel }
  const { namespace } = await operations.createApp(caller, { app, channel })
  const params: Tenant['params'] = async (given) => void (await operations.setAppParams(caller, { app, params: Object.entries(given) }))
  await params({ approvals: '0', stability: '1s' })

  const importImages: Tenant['importImages'] = async (images, manifest) => (await operations.importImage(caller, {
    app, image: null, images: Object.entries(images), description: null, gitSha: null, message: null, base: null, manifest: manifest ?? null,
  })).release
  const tenant: Tenant = {
    app, namespace, caller, params, importImages,
    import: async (services, manifest) => {
      const images = await Promise.all(Object.entries(services).map(async ([service, life]) => [service, await stage.image(life)] as const))
      return importImages(Object.fromEntries(images), manifest)
    },
    promote: async (release) => (await operations.promote(caller, { app, release, deadlineSeconds: null, confirmed: [] })).id,
    until: async (promotion, what, isSo) => {
      let last = ''
      return waitFor(() => `${what}; ${promotion} of ${app} is ${last}`, async () => {
        const view = await operations.promotionInfo(caller, { promotion })
        last = view.status
        if (isSo(view)) return view
        if (final.has(view.status)) throw new Error(`${promotion} of ${app} ended before it was so: ${what}; ${view.status}: ${JSON.stringify(view.cause)}`)
        return undefined
      })
    },
    ended: (promotion) => tenant.until(promotion, 'ended', ({ status }) => final.has(status)),
    release: async (services, manifest) => tenant.ended(await tenant.promote(await tenant.import(services, manifest))),
    notice: (release) => waitFor(() => `a notice for ${release}`, () => {
      const cards = slack.messages(channel).filter((message) => message.thread === undefined && message.text.includes(release))
      for (const card of cards) {
        const notices = slack.thread(card).filter((message) => message.broadcast === true)
        if (notices.length > 1) throw new Error(`${notices.length} notices for ${release}`)
        if (notices[0] !== undefined && !/^Rolling (?:out|back)/u.test(card.text)) return { card: card.text, text: read(notices[0]) }
      }
      return undefined
    }),
    thread: (release, like) => waitFor(() => `"${like}" in the thread of ${release}`, () => {
      const cards = slack.messages(channel).filter((message) => message.thread === undefined && message.text.includes(release))
      const text = cards.flatMap((card) => slack.thread(card)).map(read).join('\n')
      return text.includes(like) ? text : undefined
    }),
    endpoints: (service) => followEndpoints(kube, namespace, service),
    answer: async (path) => {
      const endpoints = tenant.endpoints('web')
      try {
        return await waitFor(() => `one answer of ${app}`, async () => {
          const answers = await Promise.all(endpoints.ready().map((at) => reach(at, namespace, path)))
          return answers.length > 0 && answers.every((each) => each === answers[0]) ? answers[0] : undefined
        })
      } finally {
        await endpoints.end()
      }
    },
    traffic: (endpoints) => startTraffic(endpoints, reach, namespace),
  }
  return tenant
}

/** convox.yml of `web` with quick checks; `more` is indented by four. */
export const webManifest = (more = ''): string => `environment:
  - GREETING=hello
services:
  web:
    build: .
    port: 5000
    health:
      path: /health
      interval: 1
      grace: 0
      timeout: 4
    scale:
      count: 2
      cpu: 10
      memory: 64
${more}`

import type { Message } from '../../../sandbox/slack/records.ts'
import { setAppParams } from '../../../src/rack/app-params.ts'
import { createApp } from '../../../src/rack/create-app.ts'
import { importImage } from '../../../src/rack/import-image.ts'
import type { Caller } from '../../../src/rack/operations.ts'
import { promote } from '../../../src/rack/promote.ts'
import { shopManifest, type TestWorld } from '../../support/world.ts'

/** What set-up is done as: its own flows are tested elsewhere. */
export const admin: Caller = { actor: { id: 'U0ANA', name: 'ana', role: 'admin' } }

type World = Pick<TestWorld, 'slipway' | 'shop'>

export interface QuickApp {
  readonly app: string
  readonly channel: string
  readonly manifest?: string
  readonly params?: Readonly<Record<string, string>>
}

/** An app without a release, in its channel. */
export const quickApp = async (world: World, { app, channel, params = {} }: QuickApp): Promise<void> => {
  const { rack } = world.slipway()
  await createApp(rack, admin, { app, channel })
  await setAppParams(rack, admin, { app, params: Object.entries({ approvals: '0', stability: '1s', ...params }) })
}

/** A release of the shop's image with that tag; its id. */
export const quickImport = async (world: World, app: string, tag: string, manifest: string | null = null): Promise<string> => {
  const { release } = await importImage(world.slipway().rack, admin, {
    app, image: `${world.shop}:${tag}`, images: [], description: null, gitSha: null, message: null, base: null, manifest,
  })
  return release
}

/** Promotes a release (the newest unless named) as Ana; the promotion's id. */
export const quickPromote = async (world: World, app: string, release: string | null = null, deadlineSeconds: number | null = null): Promise<string> =>
  (await promote(world.slipway().rack, admin, { app, release, deadlineSeconds, confirmed: ['older', 'active'] })).id

/** An app that runs 1.4.0; its release. */
export const runningApp = async (world: World & Pick<TestWorld, 'slack'>, quick: QuickApp): Promise<string> => {
  await quickApp(world, quick)
  const release = await quickImport(world, quick.app, '1.4.0', quick.manifest ?? shopManifest)
  await quickPromote(world, quick.app, release)
  // As long as the hook that calls this: many apps at once are set up on a machine that does other things as well.
  await cardOf(world, quick.channel, new RegExp(`^Succeeded: ${release} `), 90_000)
  return release
}

/** The channel's newest card that says `like`. */
export const cardOf = (world: Pick<TestWorld, 'slack'>, channel: string, like: RegExp, within = 40_000): Promise<Message> =>
  world.slack.until(() => world.slack.messages(channel).findLast((message) => message.thread === undefined && like.test(message.text)), within)

/** A channel for each app: Slack takes one post a second and channel. */
export const channelFor = (app: string): { id: string; name: string } => ({ id: `C0${app.replaceAll('-', '').toUpperCase()}`, name: app })

/** Ana, Bo and Cy with a channel for each app and #releases, the bot in all of them. */
export const channelsOf = (apps: readonly string[], members: readonly string[] = ['U0ANA', 'U0BO', 'U0CY']): { id: string; name: string; members: string[]; bot: true }[] =>
  [{ id: 'C0RELEASES', name: 'releases' }, ...apps.map(channelFor)].map((channel) => ({ ...channel, members: [...members], bot: true }))

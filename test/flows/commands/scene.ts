import postgres from 'postgres'
import type { Actor } from '../../../sandbox/slack/driver.ts'
import type { Ephemeral, Message, View } from '../../../sandbox/slack/records.ts'
import { buttonsOf, shown } from '../../support/shown.ts'
import { storyOf, type Story } from '../../support/story.ts'
import { startTestWorld, type TestWorld } from '../../support/world.ts'

/** One answer to one person. */
export interface Said {
  readonly message: Ephemeral
  /** What the person reads (test/support/shown.ts). */
  readonly text: string
  readonly buttons: readonly string[]
}

type On = Message | Ephemeral | View

/** A world whose people type, click and read, one thing after the other. */
export interface Scene extends Story {
  /** Types a command in the app's channel (or another one) and waits for `count` answers; the last one. */
  say(who: Actor, text: string, options?: { readonly in?: string; readonly count?: number }): Promise<Said>
  /** All answers of a command that gives several. */
  sayAll(who: Actor, text: string, count: number): Promise<readonly Said[]>
  /** Clicks and waits for the answer. */
  click(who: Actor, on: On, label: string, options?: { readonly in?: string; readonly option?: string }): Promise<Said>
  /** Whatever is done in `act`, with the answers that come of it. */
  after(who: Actor, act: () => Promise<unknown>, options?: { readonly in?: string; readonly count?: number }): Promise<readonly Said[]>
  /** The form that `act` opens, once its loading view is replaced. */
  form(who: Actor, act: () => Promise<unknown>): Promise<View>
  /** Rows of one query. */
  rows(query: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** How many rows every table has that a refused command must not touch. */
  counted(): Promise<string>
  close(): Promise<void>
}

const saidBy = (message: Ephemeral): Said => ({ message, text: shown(message.blocks), buttons: buttonsOf(message.blocks) })

/** Starts a scene of its own; closing it closes its world. */
export const startScene = async (options: Parameters<typeof startTestWorld>[0] = {}): Promise<Scene> => {
  const world: TestWorld = await startTestWorld({ speed: 20, ...options })
  const story = storyOf(world)
  const sql = postgres(world.databaseUrl, { max: 1, onnotice: () => {} })
  const rows: Scene['rows'] = async (query) => [...(await sql.unsafe(query))]

  const after: Scene['after'] = async (who, act, { in: channel = story.channel, count = 1 } = {}) => {
    const before = new Set(who.ephemerals(channel).map(({ ts }) => ts))
    const fresh = (): Ephemeral[] => who.ephemerals(channel).filter(({ ts }) => !before.has(ts))
    await act()
    const answers = await world.slack.until(() => (fresh().length >= count ? fresh() : undefined))
    return answers.map(saidBy)
  }
  const lastOf = (said: readonly Said[]): Said => {
    const last = said.at(-1)
    if (last === undefined) throw new Error('nothing was answered')
    return last
  }
  const scene: Scene = {
    ...story, after, rows,
    say: async (who, text, { in: channel = story.channel, count = 1 } = {}) =>
      lastOf(await after(who, () => who.command(channel, text), { in: channel, count })),
    sayAll: (who, text, count) => after(who, () => who.command(story.channel, text), { count }),
    click: async (who, on, label, { in: channel = story.channel, option } = {}) =>
      lastOf(await after(who, () => who.click(on, label, option === undefined ? {} : { option }), { in: channel })),
    form: async (who, act) => {
      const before = who.openView()?.id
      await act()
      return world.slack.until(() => {
        const view = who.openView()
        return view?.id !== before && view?.body.blocks.some((block) => block.type === 'input') === true ? view : undefined
      })
    },
    counted: async () => JSON.stringify(await rows(
      'select (select count(*) from apps)::int apps, (select count(*) from builds)::int builds, (select count(*) from releases)::int releases, '
      + '(select count(*) from promotions)::int promotions, (select count(*) from app_params)::int params, (select count(*) from audit where decision is distinct from \'refused\')::int audit')),
    close: async () => {
      await sql.end()
      await world.close()
    },
  }
  return scene
}

/** The first id of this kind in a text: `Release: R…` when `after` is given. */
export const idIn = (text: string, after: RegExp = /Release: +/): string => {
  const found = new RegExp(`${after.source}([RBP][A-Z]{10})`).exec(text)?.[1]
  if (found === undefined) throw new Error(`no id after ${after.source} in:\n${text}`)
  return found
}

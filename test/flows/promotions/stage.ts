import postgres from 'postgres'
import type { Actor, ClickOptions } from '../../../sandbox/slack/driver.ts'
import { namesIn } from '../../../sandbox/slack/membership.ts'
import { plainMessage } from '../../../sandbox/slack/plain-text.ts'
import type { Ephemeral, Message } from '../../../sandbox/slack/records.ts'
import type { WorldOptions } from '../../../sandbox/world.ts'
import { storyOf, type Story } from '../../support/story.ts'
import { channels, people, startTestWorld, type TestWorld } from '../../support/world.ts'

/** A second full member beside Ana: deployer and approver as she is. */
export const dee = { id: 'U0DEE', name: 'dee', realName: 'Dee Park', role: 'approver' } as const

/** A world with its people and what these tests look at: the card as a person reads it, rows of the database, objects of the cluster. */
export interface Stage extends Story {
  readonly dee: Actor
  /** A message as it reads now, without its replies; times are `<time>`, the registry `registry`. */
  shown(message: Message | Ephemeral): string
  /** Labels of the buttons on a message now. */
  buttons(message: Message | Ephemeral): string[]
  /** Clicks and waits for the ephemeral answer, as it reads. */
  click(who: Actor, on: Message | Ephemeral, button: string, options?: ClickOptions): Promise<string>
  /** The arrows of the thread: `Running => Pending`. */
  statuses(card: Message): string[]
  /** The last message of the thread once it says `like`. */
  lastWord(card: Message, like: RegExp, within?: number): Promise<Message>
  /** Every line of the thread, without its time. */
  lines(card: Message): string[]
  rows(query: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Status of the newest promotion of an app. */
  newest(app?: string): Promise<Readonly<Record<string, unknown>>>
  /** Promotes a release, through the question when it is older than the active one. */
  promoteAnyway(release: string): Promise<void>
  close(): Promise<void>
}

const unescaped = (text: string): string => text.replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&')

export const startStage = async (options: Partial<WorldOptions> & { readonly settings?: Readonly<Record<string, string>> } = {}): Promise<Stage> => {
  const everybody = [{ ...people.ana }, { ...people.bo, admin: true, owner: true }, { ...people.cy }, { ...dee }]
  const world: TestWorld = await startTestWorld({
    speed: 20, ...options,
    slack: {
      people: everybody, limits: { posting: { perMinute: 6_000, burst: 100 }, methods: { 'chat.update': { perMinute: 6_000, burst: 100 } } },
      channels: Object.values(channels).map(({ id, name }) => ({ id, name, members: everybody.map((person) => person.id), bot: true })), ...options.slack,
    },
  })
  const sql = postgres(world.databaseUrl, { max: 2, onnotice: () => {} })
  const story = storyOf(world)
  const readable = (text: string): string =>
    text.replaceAll(world.registry.address, 'registry').replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC/g, '<time>').replaceAll(/\b\d\d:\d\d(:\d\d)? UTC/g, '<time>')
  const shown = (message: Message | Ephemeral): string => {
    const now = world.slack.workspace.message(message.channel, message.ts) ?? world.slack.workspace.ephemeral(message.channel, message.ts) ?? message
    return readable(plainMessage(now, namesIn(world.slack.workspace)))
  }
  const stage: Stage = {
    ...story, dee: world.slack.as(dee.id), shown,
    buttons: (message) => {
      const now = world.slack.workspace.message(message.channel, message.ts) ?? world.slack.workspace.ephemeral(message.channel, message.ts) ?? message
      return (now.blocks ?? []).flatMap((block) => (block.type === 'actions' ? block.elements : [])).map((element) => (element.type === 'button' ? element.text.text : element.type))
    },
    click: async (who, on, button, clickOptions) => {
      const before = new Set(who.ephemerals(on.channel).map((message) => message.ts))
      await who.click(on, button, clickOptions)
      const answer = await world.slack.until(() => who.ephemerals(on.channel).find((message) => !before.has(message.ts)))
      return shown(answer)
    },
    lines: (card) => story.thread(card).split('\n').map((line) => line.replaceAll('```', '')).filter((line) => line.startsWith('20')).map((line) => line.slice(line.indexOf(' ') + 1)),
    statuses: (card) => stage.lines(card).filter((line) => line.startsWith('system/k8s/atom/app Status: ')).map((line) => line.slice('system/k8s/atom/app Status: '.length)),
    lastWord: (card, like, within) => world.slack.until(() => {
      const last = world.slack.thread(card).at(-1)
      return last !== undefined && like.test(unescaped(`${last.text}\n${JSON.stringify(last.blocks ?? [])}`)) ? last : undefined
    }, within),
    rows: (query) => sql.unsafe(query),
    newest: async (app = 'shop') => (await stage.rows(`select * from promotions where app = '${app}' order by seq desc limit 1`))[0] ?? {},
    promoteAnyway: async (release) => {
      const question = await story.answer(stage.ana, `/convox releases promote ${release} -a shop`, /older than the active|The card is in/)
      if (stage.buttons(question).includes('Promote anyway')) await stage.ana.click(question, 'Promote anyway')
    },
    close: async () => {
      await sql.end({ timeout: 1 })
      await world.close()
    },
  }
  return stage
}

/** A release made by `env set`, promoted on request: the fastest way to a new release. Returns its id. */
export const newRelease = async (stage: Stage, pair: string, app = 'shop'): Promise<string> => {
  const text = await stage.ask(stage.ana, `/convox env set ${pair} -a ${app}`, /R[A-Z]{10}/)
  const id = /Release: +(R[A-Z]{10})/.exec(text)?.[1] ?? /\bR[A-Z]{10}\b/.exec(text)?.[0]
  if (id === undefined) throw new Error(`no release in ${text}`)
  return id
}

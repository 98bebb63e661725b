import type { Actor } from '../../sandbox/slack/driver.ts'
import type { Ephemeral, Message } from '../../sandbox/slack/records.ts'
import { channels, people, shopManifest, type Installation, type TestWorld } from './world.ts'

/** One world as its people live it. */
export interface Story<W extends Installation = TestWorld> {
  readonly world: W
  readonly ana: Actor
  readonly bo: Actor
  readonly cy: Actor
  readonly channel: string
  /** Types a command and waits for its ephemeral answer, as plain text. Matching `like` when several come. */
  ask(who: Actor, text: string, like?: RegExp): Promise<string>
  /** The same, with the message itself, for its buttons. */
  answer(who: Actor, text: string, like?: RegExp): Promise<Ephemeral>
  /** The newest card whose text matches. */
  card(like: RegExp, within?: number): Promise<Message>
  /** Plain text of a card's thread, oldest first. */
  thread(card: Message): string
  /** Release ids as `releases --text` lists them, newest first. */
  releases(): Promise<string[]>
}

const words = (message: { text: string; blocks?: unknown }): string => `${message.text}\n${JSON.stringify(message.blocks ?? [])}`

export const storyOf = <W extends Installation>(world: W): Story<W> => {
  const channel = channels.releases.id
  const [ana, bo, cy] = [world.slack.as(people.ana.id), world.slack.as(people.bo.id), world.slack.as(people.cy.id)]
  const answer: Story<W>['answer'] = async (who, text, like = /./s) => {
    const before = new Set(who.ephemerals(channel).map((message) => message.ts))
    await who.command(channel, text)
    return world.slack.until(() => who.ephemerals(channel).find((message) => !before.has(message.ts) && like.test(words(message))))
  }
  const story: Story<W> = {
    world, ana, bo, cy, channel, answer,
    ask: async (who, text, like) => {
      const message = await answer(who, text, like)
      return words(message)
    },
    card: (like, within) => world.slack.until(() => world.slack.messages(channel).findLast((message) => message.thread === undefined && like.test(message.text)), within),
    thread: (card) => world.slack.thread(card).map((message) => message.text).join('\n').replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&'),
    releases: async () => {
      const text = await story.ask(ana, '/convox releases --text -a shop', /ID {2}|no releases/)
      return [...new Set(text.replaceAll('\\n', '\n').match(/^R[A-Z]{10}\b/gm) ?? [])]
    },
  }
  return story
}

/** An app `shop` in the channel, with these params; nothing released yet. */
export const createShop = async (story: Story<Installation>, params = 'approvals=0 stability=1s'): Promise<void> => {
  await story.ask(story.bo, '/convox apps create shop', /shop/)
  await story.ask(story.bo, `/convox apps params set ${params} -a shop`, /./s)
}

/** Imports `image` with the shop's convox.yml through the modal; returns the release. */
export const importFirst = async (story: Story<Installation>, image = `${story.world.shop}:1.4.0`, manifest = shopManifest): Promise<string> => {
  const before = new Set(story.ana.ephemerals(story.channel).map(({ ts }) => ts))
  await story.ana.command(story.channel, `/convox builds import-image ${image} --manifest -a shop`)
  // First comes a loading view.
  const view = await story.world.slack.until(() => [story.ana.openView()].find((one) => one?.body.blocks.some((block) => block.type === 'input')))
  await story.ana.submit(view, { Text: manifest })
  const text = await story.world.slack.until(() => story.ana.ephemerals(story.channel).filter(({ ts }) => !before.has(ts)).map(words).find((each) => /Release: +R[A-Z]{10}/.test(each)))
  const release = /Release: +(R[A-Z]{10})/.exec(text)?.[1]
  if (release === undefined) throw new Error(`no release in ${text}`)
  return release
}

/** `shop` with 1.4.0 active. */
export const runningShop = async (story: Story<Installation>, params?: string): Promise<string> => {
  await createShop(story, params)
  const release = await importFirst(story)
  await story.ana.command(story.channel, `/convox releases promote ${release} -a shop`)
  return release
}

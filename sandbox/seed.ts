import { setTimeout as sleep } from 'node:timers/promises'
import type { Actor } from './slack/driver.ts'
import { channels, people, type World } from './world.ts'

const manifest = `environment:
  - GREETING=Hello World!
services:
  web:
    build: .
    command: bin/web
    port: 5000
    health: /health
    scale: 2
  worker:
    build: .
    command: bin/work
    startupProbe: {tcpSocketPort: 7000, grace: 0, interval: 1, failureThreshold: 60}
`

/**
 * Gives a new workspace a past, by the commands that people type: an app with two good releases, an env change, one waiting release.
 * What only the typist saw is dismissed. Throws when the product does not answer as expected.
 */
export const seed = async (world: World): Promise<void> => {
  const { slack, registry } = world
  const channel = channels.releases.id
  const [ana, bo] = [slack.as(people.ana.id), slack.as(people.bo.id)]
  const shop = `${registry.address}/shop`

  const type = async (who: Actor, text: string, answer: RegExp): Promise<string> => {
    const before = new Set(who.ephemerals(channel).map(({ ts }) => ts))
    await who.command(channel, text)
    const said = await slack.until(() => who.ephemerals(channel).find((one) => !before.has(one.ts) && answer.test(`${one.text} ${JSON.stringify(one.blocks ?? [])}`)), 20_000)
    return `${said.text} ${JSON.stringify(said.blocks ?? [])}`
  }
  const promoted = (release: string) => slack.until(() => slack.messages(channel).find((message) => message.text.startsWith(`Succeeded: ${release} `)), 60_000)
  const releaseIn = (text: string): string => {
    const release = /Release: +(R[A-Z]{10})/.exec(text)?.[1] ?? /release\.\.\. OK, (R[A-Z]{10})/.exec(text)?.[1]
    if (release === undefined) throw new Error(`no release in: ${text}`)
    return release
  }

  await type(bo, '/convox apps create shop', /shop/)
  await type(bo, '/convox apps params set approvals=0 stability=1s -a shop', /approvals/)
  await ana.command(channel, `/convox builds import-image ${shop}:1.4.0 --manifest --git-sha 0a1b2c3d4e5f --message "first shop" -a shop`)
  const view = await slack.until(() => [ana.openView()].find((one) => one?.body.blocks.some((block) => block.type === 'input')))
  await ana.submit(view, { Text: manifest })
  const imported = await slack.until(() => ana.ephemerals(channel).map((one) => `${one.text} ${JSON.stringify(one.blocks ?? [])}`).find((text) => /Release: +R[A-Z]{10}/.test(text)), 20_000)
  const first = releaseIn(imported)
  await type(ana, `/convox releases promote ${first} -a shop`, /Promoting/)
  await promoted(first)
  const env = releaseIn(await type(ana, '/convox env set MAIL_TOKEN=s3cret-of-the-shop -a shop', /Release/))
  await type(ana, `/convox releases promote ${env} -a shop`, /Promoting/)
  await promoted(env)
  await type(ana, `/convox builds import-image ${shop}:1.4.1 --git-sha 7329df90c1aa --message "this is my commit message" -a shop`, /Release/)
  await type(bo, '/convox apps params set approvals=1 stability=10s -a shop', /approvals/)
  await sleep(300)
  for (const who of [ana, bo]) for (const ephemeral of who.ephemerals(channel)) who.dismiss(ephemeral)
}

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { meetingsOf, type ChaosGround, type ChaosScript } from '../../sandbox/slack/chaos/script.ts'
import { unleash } from '../../sandbox/slack/chaos/unleash.ts'
import { channelFor } from '../flows/promotions/quick-app.ts'
import { dee, startStage, type Stage } from '../flows/promotions/stage.ts'
import { people as everybody } from '../support/world.ts'
import { endings, group, peopleOf } from './endings.ts'
import { decidedTwice, isSettled, places, toldOf } from './outcome.ts'
import { startReplicas, type Replicas } from './replicas.ts'
import { leaks } from './secrets.ts'
import { setUp } from './set-up.ts'
import { faultsOf } from './witness.ts'

/** What a script can count on. */
export const ground: ChaosGround = endings

/** What came of one run: `faults` is what should not be, `occurred` what went wrong on purpose. */
export interface Outcome { readonly faults: readonly string[]; readonly occurred: readonly string[]; readonly seconds: number; readonly logged: string; readonly shown: string }

/** Milliseconds. */
const limits = { settle: 90_000, restart: 1_500 } as const

/** Numbers of the apps on which the user group decides: where it is emptied it has to. */
const byGroup = (script: ChaosScript): readonly number[] => {
  const emptied = script.acts.filter(({ kind }) => kind === 'user group emptied').map(({ channel }) => channel)
  return emptied.length > 0 ? emptied : [endings.findIndex(({ app }) => app === 'fails')]
}

/** Apps and their releases. Every env value is in `secrets`. */
const prepare = async (script: ChaosScript, stage: Stage, secrets: readonly string[]): Promise<void> => {
  await Promise.all(endings.map((ending, index) => {
    const params = { ...ending.params, ...(byGroup(script).includes(index) ? { approvers: `<!subteam^${group}>` } : {}) }
    return setUp(stage, ending.app, { ...ending, params }, secrets[index] ?? '')
  }))
}

/** The answer to a post is lost though the post is there. So it may be when a process dies. */
const unanswered = ['answer lost', 'HTTP 500 after storing', 'internal_error after storing']

/** What an act took away, by which a promotion may end otherwise or in another place. */
const excusesOf = (occurred: readonly string[]) => {
  const where = (kinds: readonly string[], how = ''): Set<string> =>
    new Set(occurred.filter((one) => kinds.some((kind) => one.startsWith(`${kind}: ${how}`))).map((one) => / (C0\w+) /u.exec(one)?.[1] ?? ''))
  const lost = where(unanswered, 'chat.postMessage ')
  const someoneDied = occurred.some((one) => one.startsWith('process killed: '))
  const unread = new Set([...where(['bot thrown out'])].filter((channel) => someoneDied || lost.has(channel)))
  return {
    cardsAnew: new Set([...where(['parent deleted', 'edit window closed']), ...unread]), left: where(['channel archived', 'bot thrown out']),
    sealed: where(['channel archived', 'edit window closed']), unread, undecided: where(['user group emptied']),
  }
}

/** What the script would have gone wrong and did not: it proves nothing of that then. */
const missing = (script: ChaosScript, occurred: readonly string[]): readonly string[] =>
  meetingsOf(script, ground).flatMap(({ kind, channel }) => {
    const app = endings[channel]?.app ?? ''
    return occurred.some((one) => one.startsWith(`${kind}: `) && one.includes(` ${channelFor(app).id} `)) ? [] : [`${kind} never happened to ${app}`]
  })

const play = async (script: ChaosScript, stage: Stage, replicas: Replicas, secrets: readonly string[]): Promise<Omit<Outcome, 'seconds'>> => {
  const { slack } = stage.world
  const chaos = unleash(script, {
    slack, group, channels: endings.map(({ app }) => channelFor(app).id), person: everybody.bo.id, killProcess: (caller) => replicas.kill(caller, limits.restart),
  })
  const faults: string[] = []
  // Bo decides before Dee, who is left.
  await Promise.all(endings.map(async (ending, index) => {
    const people = peopleOf(stage, ending.app, secrets[endings.length + index] ?? '')
    try {
      await ending.play(people)
    } catch (error) {
      faults.push(`${ending.app}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }))
  const settle = async (): Promise<boolean> => {
    const end = performance.now() + limits.settle
    while (!(await isSettled(stage))) {
      if (performance.now() > end) return false
      await sleep(250)
    }
    return true
  }
  // Slack goes on misbehaving while the ends are told; all of it ends by itself.
  await settle()
  chaos.stop()
  await replicas.whole()
  if (!(await settle())) faults.push('not everything is said')
  faults.push(...missing(script, chaos.occurred()))
  const excuses = excusesOf(chaos.occurred())
  for (const told of await toldOf(stage)) faults.push(...faultsOf(slack, told, excuses).map((fault) => `${told.id} in ${told.channel}: ${fault}`))
  for (const { app, ends } of endings) {
    const [row] = await stage.rows(`select p.status, (select count(*)::int from releases r where r.app = '${app}') as releases from promotions p where p.app = '${app}' order by p.seq desc limit 1`)
    const status = String(row?.['status'])
    const nobodyDecides = excuses.left.has(channelFor(app).id) || excuses.undecided.has(channelFor(app).id)
    if (status !== ends && !(status === 'expired' && nobodyDecides)) faults.push(`${app} ended ${status}`)
  }
  for (const { promotion, action, n } of await decidedTwice(stage)) faults.push(`${String(promotion)}: ${String(action)} ${String(n)} times`)
  const planned = chaos.occurred().filter((one) => one.startsWith('rate limited')).length
  const limited = slack.requests().filter(({ status }) => status === 429)
  if (limited.length > planned) faults.push(`over Slack's limits ${String(limited.length - planned)} times: ${[...new Set(limited.map(({ method }) => method))].join(', ')}`)
  faults.push(...leaks(secrets, await places(stage, replicas.logged())))
  return { faults, occurred: chaos.occurred(), logged: replicas.logged(), shown: slack.workspace.channels().map(({ id, name }) => `#${name} ${id}\n${slack.transcript(id)}`).join('\n') }
}

/** Plays all five promotions at once under a script, in a workspace and database of their own with two replicas, from the program in `bundle`. */
export const runScript = async (script: ChaosScript, bundle: string): Promise<Outcome> => {
  const begun = performance.now()
  const members = [...Object.values(everybody).map(({ id }) => id), dee.id]
  const stage = await startStage({
    slack: { limits: {}, channels: endings.map(({ app }) => ({ ...channelFor(app), members, bot: true })), usergroups: [{ id: group, handle: 'approvers', users: [everybody.bo.id, dee.id] }] },
  })
  try {
    const secrets = Array.from({ length: endings.length * 2 }, () => randomBytes(12).toString('hex'))
    await prepare(script, stage, secrets)
    await stage.world.stop()
    const replicas = await startReplicas(stage.world.environment, bundle)
    try {
      return { ...(await play(script, stage, replicas, secrets)), seconds: (performance.now() - begun) / 1000 }
    } finally {
      await replicas.close()
    }
  } finally {
    await stage.close()
  }
}

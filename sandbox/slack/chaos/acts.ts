import type { ArrivingCall, Failure } from '../failures.ts'
import type { SimulatedSlack } from '../simulated-slack.ts'
import { deleteMessage } from '../web-api/chat.ts'
import type { Act } from './script.ts'

/** Where a script is played. */
export interface ChaosPlace {
  readonly slack: SimulatedSlack
  /** Ids that the script's numbers stand for. */
  readonly channels: readonly string[]
  /** The person who may be deactivated. */
  readonly person?: string
  /** The user group that may be emptied. */
  readonly group?: string
  /** Kills a process of the app, the one that named this Host (`ArrivingCall.caller`). */
  readonly killProcess?: (caller: string) => void
}

const said = ['chat.postMessage', 'chat.update']
const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** True when it happened; false where there was nothing for it to happen to: it waits for the next call then. */
const perform = ({ slack, person, group, killProcess }: ChaosPlace, act: Act, call: { channel: string; caller: string; since: string }, closed: Set<string>): boolean => {
  const { workspace } = slack
  const { channel, caller } = call
  const ours = workspace.messages(channel).filter((one) => one.ts > call.since && one.user === workspace.bot.userId && one.thread === undefined && one.subtype === undefined)
  switch (act.kind) {
    case 'socket killed':
      if (slack.connections() === 0) return false
      slack.killSockets(1)
      return true
    case 'socket half-open':
      if (slack.connections() === 0) return false
      slack.freezeSockets(1)
      return true
    case 'sockets refreshed':
      if (slack.connections() === 0) return false
      slack.disconnect('refresh_requested')
      return true
    case 'parent deleted': {
      const [parent] = ours
      if (!parent) return false
      deleteMessage(workspace, parent)
      return true
    }
    case 'channel archived':
      slack.setChannel(channel, { archived: true })
      return true
    case 'bot thrown out':
      slack.removeBot(channel)
      return true
    case 'user deactivated':
      if (person === undefined) return false
      slack.setPerson(person, { deactivated: true })
      return true
    case 'user group emptied':
      if (group === undefined) return false
      slack.setGroup(group, [])
      return true
    case 'edit window closed':
      for (const { ts } of ours) closed.add(`${channel} ${ts}`)
      return ours.length > 0
    case 'process killed':
      killProcess?.(caller)
      return true
  }
}

/**
 * Lets the acts happen, each right before the call that it names; what was posted before now is left alone. A closed edit window has happened once it is
 * met. The answer is what that call meets by them: a closed edit window, a dead caller.
 */
export const happenings = (acts: readonly Act[], place: ChaosPlace, occurred: (what: string) => void): ((call: ArrivingCall) => Failure | undefined) => {
  const counts = new Map<string, number>()
  const closed = new Set<string>()
  const due = new Set(acts)
  const since = place.slack.workspace.nextTs()
  return ({ method, args, caller }) => {
    const channel = stringOf(args['channel'])
    if (!said.includes(method)) return undefined
    const count = (counts.get(channel) ?? 0) + 1
    counts.set(channel, count)
    let killed = false
    for (const act of due) {
      if (place.channels[act.channel] !== channel || act.nth > count || !perform(place, act, { channel, caller, since }, closed)) continue
      due.delete(act)
      killed ||= act.kind === 'process killed'
      if (act.kind !== 'edit window closed') occurred(`${act.kind}: before ${method} ${channel} ${String(count)}`)
    }
    if (killed) return { drop: true }
    if (method !== 'chat.update' || !closed.has(`${channel} ${stringOf(args['ts'])}`)) return undefined
    occurred(`edit window closed: ${method} ${channel} ${String(count)}`)
    return { error: 'edit_window_closed' }
  }
}

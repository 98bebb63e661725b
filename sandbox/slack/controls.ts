import type { Actors } from './actors.ts'
import { reading } from './driver.ts'
import type { Channel, Person } from './records.ts'
import type { Workspace } from './store.ts'

/** What tests do to a workspace from outside, and how they wait for it. */
export interface Controls {
  setPerson: (id: string, change: Partial<Person>) => void
  setChannel: (id: string, change: Partial<Channel>) => void
  removeBot: (channel: string) => void
  addBot: (channel: string) => void
  /** Who is in a user group from now on. */
  setGroup: (id: string, users: string[]) => void
  /** Resolves with the first truthy answer of `look`, asked again after every change. Rejects after `within` ms (10,000) with all transcripts. */
  until: <T>(look: () => T | undefined | null | false | Promise<T | undefined | null | false>, within?: number) => Promise<T>
}

/** The controls of a workspace; `event` tells the app what changed. */
export const createControls = (workspace: Workspace, event: Actors['event'], groups: readonly { id: string; users: string[] }[] = []): Controls => {
  const { bot } = workspace
  const known = <T>(value: T | undefined, id: string): T => {
    if (value === undefined) throw new Error(`there is no ${id}`)
    return value
  }
  const setChannel = (id: string, change: Partial<Channel>) => {
    const before = known(workspace.channel(id), id)
    workspace.putChannel({ ...before, ...change })
    if (change.archived && !before.archived)
      event({
        type: before.private ? 'group_archive' : 'channel_archive',
        channel: id,
        user: before.members[0] ?? '',
        event_ts: workspace.nextTs(),
      })
  }
  const until: Controls['until'] = (look, within = 10_000) =>
    new Promise((resolve, reject) => {
      const asking = { busy: false, again: false }
      const finish = (settle: () => void) => {
        clearTimeout(limit)
        clearInterval(tick)
        stop()
        settle()
      }
      const ask = async () => {
        if (asking.busy) return void (asking.again = true)
        asking.busy = true
        const found = await look()
        asking.busy = false
        if (found) return finish(() => resolve(found))
        if (asking.again) {
          asking.again = false
          await ask()
        }
      }
      const start = () => void ask().catch((error: unknown) => finish(() => reject(error)))
      const stop = workspace.onChange(start)
      const tick = setInterval(start, 50)
      const limit = setTimeout(() => {
        const all = workspace.channels().map((one) => `#${one.name}\n${reading(workspace).transcript(one.id)}`)
        finish(() => reject(new Error(`not seen within ${within} ms. Slack shows:\n${all.join('\n')}`)))
      }, within)
      start()
    })

  return {
    setPerson: (id, change) => {
      workspace.putPerson({ ...known(workspace.person(id), id), ...change })
      event({ type: 'user_change', user: { id }, event_ts: workspace.nextTs() })
    },
    removeBot: (id) => {
      const channel = known(workspace.channel(id), id)
      workspace.putChannel({ ...channel, members: channel.members.filter((one) => one !== bot.userId) })
      event({
        type: 'member_left_channel',
        user: bot.userId,
        channel: id,
        channel_type: channel.private ? 'G' : 'C',
        team: workspace.team.id,
        event_ts: workspace.nextTs(),
      })
    },
    addBot: (id) => {
      const channel = known(workspace.channel(id), id)
      if (!channel.members.includes(bot.userId)) workspace.putChannel({ ...channel, members: [...channel.members, bot.userId] })
    },
    setGroup: (id, users) => {
      const group = known(groups.find((one) => one.id === id), id)
      const before = group.users.splice(0, group.users.length, ...users)
      const gone = before.filter((one) => !users.includes(one))
      const come = users.filter((one) => !before.includes(one))
      event({
        type: 'subteam_members_changed',
        subteam_id: id,
        team_id: workspace.team.id,
        added_users: come,
        removed_users: gone,
        event_ts: workspace.nextTs(),
      })
    },
    setChannel,
    until,
  }
}

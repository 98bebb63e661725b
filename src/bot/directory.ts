import { setTimeout as sleep } from 'node:timers/promises'
import type { ConversationsInfoResponse, UsersInfoResponse, WebClient } from '@slack/web-api'
import { WebAPIPlatformError } from '@slack/web-api'
import { groupTroubles, type GroupMembers, type GroupTrouble } from '../rack/people.ts'

/** A Slack user as `users.info` tells it; every flag may be absent. */
export type SlackUser = NonNullable<UsersInfoResponse['user']>
/** A channel as `conversations.info` tells it. */
export type SlackChannel = NonNullable<ConversationsInfoResponse['channel']>

/** People, channels and user groups of the workspace. What was heard is believed for `believedFor`, or for `within` ms where that matters more. */
export interface Directory {
  /** Throws when Slack cannot be asked; null for whom Slack does not know (or show us). */
  user(id: string, within?: number): Promise<SlackUser | null>
  channel(id: string, within?: number): Promise<SlackChannel | null>
  /** The same, but while Slack cannot be asked what was heard in the last `believedFor` is believed; null where we lack the scope to ask. Throws when nothing was heard. */
  channelAsHeard(id: string, within?: number): Promise<SlackChannel | null>
  members(group: string, within?: number): Promise<GroupMembers>
  /** A group's handle, without @; undefined for one that is not known. Throws when Slack cannot be asked. */
  handle(group: string): Promise<string | undefined>
  /** Asks anew the next time: Slack told of a change. */
  forget(id: string): void
}

/** Slack's word is believed for so many ms (reference/slack.md 7). An event that tells of a change reaches one replica only. */
export const believedFor = 5 * 60_000

/** Milliseconds. A channel may become shared with another company, and the event that tells of it reaches one replica only. */
export const sharedWithin = 60_000

/** Whether people of another company read along there, or are about to. */
export const isShared = (channel: Pick<SlackChannel, 'is_ext_shared' | 'is_pending_ext_shared'> | null): boolean => channel?.is_ext_shared === true || channel?.is_pending_ext_shared === true

const unknownWords = ['user_not_found', 'user_not_visible', 'users_not_found', 'channel_not_found', 'not_in_channel', 'method_not_supported_for_channel_type']

const nullIfUnknown = async <Value>(ask: () => Promise<Value | undefined>): Promise<Value | null> => {
  try {
    return await ask() ?? null
  } catch (error) {
    if (error instanceof WebAPIPlatformError && unknownWords.includes(error.data.error)) return null
    throw error
  }
}

/** What Slack's refusals to show a group mean; any other one is that it cannot be read now. */
const troubleOf = (error: unknown): GroupTrouble => {
  const word = error instanceof WebAPIPlatformError ? error.data.error : ''
  return groupTroubles.find((known) => known === word) ?? 'unreachable'
}

interface Believed<Value> {
  ask(id: string, within?: number): Promise<Value>
  /** What was heard in the last `believedFor`; undefined: nothing. */
  heard(id: string): Value | undefined
  forget(id: string): void
}

const believed = <Value>(ask: (id: string) => Promise<Value>, now: () => number): Believed<Value> => {
  const known = new Map<string, { readonly at: number; readonly value: Value }>()
  const asking = new Map<string, Promise<Value>>()
  return {
    ask: (id, within = believedFor) => {
      const old = known.get(id)
      if (old !== undefined && now() - old.at < within) return Promise.resolve(old.value)
      const under = asking.get(id)
      if (under !== undefined) return under
      // Its age counts from the question: what changes while the answer is on its way may not be in it.
      const at = now()
      const question: Promise<Value> = ask(id).then((value) => {
        if (asking.get(id) === question) known.set(id, { at, value })
        return value
      }).finally(() => {
        if (asking.get(id) === question) asking.delete(id)
      })
      asking.set(id, question)
      return question
    },
    heard: (id) => {
      const old = known.get(id)
      return old !== undefined && now() - old.at < believedFor ? old.value : undefined
    },
    forget: (id) => {
      known.delete(id)
      asking.delete(id)
    },
  }
}

const handlesOf = async (client: WebClient): Promise<ReadonlyMap<string, string>> => {
  const groups = (await client.usergroups.list({})).usergroups ?? []
  return new Map(groups.flatMap(({ id, handle }) => (id === undefined || handle === undefined ? [] : [[id, handle] as const])))
}

export const createDirectory = (client: WebClient, now: () => number): Directory => {
  const users = believed((id) => nullIfUnknown(async () => (await client.users.info({ user: id })).user), now)
  const channels = believed((id) => nullIfUnknown(async () => (await client.conversations.info({ channel: id })).channel), now)
  const groups = believed(async (group) => (await client.usergroups.users.list({ usergroup: group })).users ?? [], now)
  const handles = believed(() => handlesOf(client), now)
  return {
    user: users.ask, channel: channels.ask,
    channelAsHeard: async (id, within) => {
      try {
        return await channels.ask(id, within)
      } catch (error) {
        const heard = channels.heard(id)
        if (heard !== undefined) return heard
        if (error instanceof WebAPIPlatformError && error.data.error === 'missing_scope') return null
        throw error
      }
    },
    members: async (group, within) => {
      try {
        return { ok: true, members: await groups.ask(group, within) }
      } catch (error) {
        return { ok: false, why: troubleOf(error) }
      }
    },
    handle: async (group) => (await handles.ask('all')).get(group),
    forget: (id) => {
      for (const each of [users, channels, groups]) each.forget(id)
      if (id.startsWith('S')) handles.forget('all')
    },
  }
}

const firstOf = (names: readonly (string | undefined)[]): string | undefined => names.find((name) => name !== undefined && name !== '')

/** How a person is called here, without @. */
export const personName = (user: SlackUser): string | undefined =>
  firstOf([user.profile?.display_name, user.profile?.real_name, user.real_name, user.name])

/** Milliseconds. A message rather shows an id than waits longer for a name. */
const namePatience = 2_000

const lookUp = async (directory: Directory, id: string): Promise<string | undefined> => {
  if (id.startsWith('S')) return directory.handle(id)
  if (/^[CGD]/u.test(id)) return (await directory.channel(id))?.name
  const user = await directory.user(id)
  return user === null ? undefined : personName(user)
}

/** Display names by id, for plain text; who cannot be found (now) is left out. */
export const namesOf = async (directory: Directory, ids: readonly string[], onError: (error: unknown) => void): Promise<Record<string, string>> => {
  const one = async (id: string): Promise<readonly [string, string][]> => {
    try {
      const name = await Promise.race([lookUp(directory, id), sleep(namePatience, undefined, { ref: false })])
      return name === undefined ? [] : [[id, name]]
    } catch (error) {
      onError(error)
      return []
    }
  }
  return Object.fromEntries((await Promise.all([...new Set(ids)].map(one))).flat())
}

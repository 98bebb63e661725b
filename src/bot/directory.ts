import { setTimeout as sleep } from 'node:timers/promises'
import type { ConversationsInfoResponse, UsersInfoResponse, WebClient } from '@slack/web-api'
import { WebAPIPlatformError } from '@slack/web-api'

/** A Slack user as `users.info` tells it; every flag may be absent. */
export type SlackUser = NonNullable<UsersInfoResponse['user']>
/** A channel as `conversations.info` tells it. */
export type SlackChannel = NonNullable<ConversationsInfoResponse['channel']>

/** People and channels of the workspace. Both throw when Slack cannot be asked, and give null for what Slack does not know (or show us). */
export interface Directory {
  user(id: string): Promise<SlackUser | null>
  channel(id: string): Promise<SlackChannel | null>
}

/** Slack's word is believed for so many ms (reference/slack.md 7). */
export const believedFor = 5 * 60_000

const unknownWords = ['user_not_found', 'user_not_visible', 'users_not_found', 'channel_not_found', 'not_in_channel', 'method_not_supported_for_channel_type']

const nullIfUnknown = async <Value>(ask: () => Promise<Value | undefined>): Promise<Value | null> => {
  try {
    return await ask() ?? null
  } catch (error) {
    if (error instanceof WebAPIPlatformError && unknownWords.includes(error.data.error)) return null
    throw error
  }
}

const believed = <Value>(ask: (id: string) => Promise<Value | null>, now: () => number): ((id: string) => Promise<Value | null>) => {
  const known = new Map<string, { readonly at: number; readonly value: Value | null }>()
  return async (id) => {
    const old = known.get(id)
    if (old !== undefined && now() - old.at < believedFor) return old.value
    const value = await ask(id)
    known.set(id, { at: now(), value })
    return value
  }
}

export const createDirectory = (client: WebClient, now: () => number): Directory => ({
  user: believed((id) => nullIfUnknown(async () => (await client.users.info({ user: id })).user), now),
  channel: believed((id) => nullIfUnknown(async () => (await client.conversations.info({ channel: id })).channel), now),
})

const firstOf = (names: readonly (string | undefined)[]): string | undefined => names.find((name) => name !== undefined && name !== '')

/** How a person is called here, without @. */
export const personName = (user: SlackUser): string | undefined =>
  firstOf([user.profile?.display_name, user.profile?.real_name, user.real_name, user.name])

/** Milliseconds. A message rather shows an id than waits longer for a name. */
const namePatience = 2_000

const lookUp = async (directory: Directory, id: string): Promise<string | undefined> => {
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

import type { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'

/** Pages of 200 people looked through for an admin; users.list is tier 2 (reference/slack.md 3.2). */
const mostPages = 5
/** So many are enough to tell one of them. */
const enough = 5

/** Who is told when the person who asked cannot be: the named admins, else owners and admins of the workspace. None when Slack does not tell. */
export const createAdmins = (client: WebClient, named: () => readonly string[], log: Logger): (() => Promise<readonly string[]>) => async () => {
  const given = named()
  if (given.length > 0) return given
  const found: string[] = []
  try {
    let cursor: string | undefined
    for (let page = 0; page < mostPages && found.length < enough; page += 1) {
      const answer = await client.users.list({ limit: 200, ...(cursor === undefined ? {} : { cursor }) })
      for (const { id, is_admin: admin, is_owner: owner, deleted, is_bot: bot } of answer.members ?? []) {
        if (id !== undefined && (admin === true || owner === true) && deleted !== true && bot !== true) found.push(id)
      }
      cursor = answer.response_metadata?.next_cursor
      if (cursor === undefined || cursor === '') break
    }
  } catch (error) {
    log.warn({ err: error }, 'the admins of the workspace could not be read')
  }
  return found.slice(0, enough)
}

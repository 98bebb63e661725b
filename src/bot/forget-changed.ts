import type { Directory } from './directory.ts'
import type { OnEvent } from './receive/on-event.ts'

/** What Slack says has changed is asked for anew: people, groups, and whether a channel is shared with another company. */
export const forgetChanged = (directory: Pick<Directory, 'forget'>): OnEvent => (event) => {
  switch (event.type) {
    case 'user_change': return directory.forget(event.user)
    case 'subteam_members_changed':
    case 'subteam_updated': return directory.forget(event.group)
    case 'tokens_revoked':
    case 'app_uninstalled': return undefined
    default: return directory.forget(event.channel)
  }
}

import { expect, test } from 'vitest'
import { forgetChanged } from '../../src/bot/forget-changed.ts'
import type { SlackEvent } from '../../src/bot/receive/slack-events.ts'

test.each<[SlackEvent, readonly string[]]>([
  [{ type: 'user_change', user: 'U1' }, ['U1']],
  [{ type: 'subteam_members_changed', group: 'S1', added: ['U1'], removed: [] }, ['S1']],
  [{ type: 'subteam_updated', group: 'S1' }, ['S1']],
  [{ type: 'channel_shared', channel: 'C1' }, ['C1']],
  [{ type: 'channel_unshared', channel: 'C1' }, ['C1']],
  [{ type: 'channel_archive', channel: 'C1' }, ['C1']],
  [{ type: 'member_joined_channel', channel: 'C1', user: 'U1' }, ['C1']],
  [{ type: 'tokens_revoked' }, []],
  [{ type: 'app_uninstalled' }, []],
])('%j makes it forget %j', async (event, forgotten) => {
  const heard: string[] = []
  await forgetChanged({ forget: (id) => void heard.push(id) })(event)
  expect(heard).toEqual(forgotten)
})

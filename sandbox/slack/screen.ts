import { namesIn } from './membership.ts'
import { plainMessage } from './plain-text.ts'
import type { View } from './records.ts'
import type { Workspace } from './store.ts'
import { transcriptOf } from './transcript.ts'
import type { Views } from './views.ts'

const viewText = (workspace: Workspace, view: View): string => {
  const { body } = view
  const blocks = plainMessage({ text: '', blocks: body.blocks }, namesIn(workspace))
  if (body.type === 'home') return `[home]\n${blocks}`
  const buttons = [body.close, body.submit].flatMap((one) => (one ? [`(${one.text})`] : []))
  return [`[modal: ${body.title.text}]`, blocks, ...(buttons.length > 0 ? [buttons.join(' ')] : [])].join('\n')
}

/** Everything that one person can read now: the channels they are in with what only they see, their modals and their home view. */
export const screenOf = (workspace: Workspace, views: Views, user: string): string => {
  const channels = workspace.channels().filter((one) => one.members.includes(user))
  const home = workspace.views().find((one) => one.user === user && one.body.type === 'home')
  return [
    ...channels.map((one) => `#${one.name}\n${transcriptOf(workspace, one.id, { user })}`),
    ...views.stack(user).map((one) => viewText(workspace, one)),
    ...(home ? [viewText(workspace, home)] : []),
  ].join('\n')
}

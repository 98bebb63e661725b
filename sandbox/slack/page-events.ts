import type { GuideProgress, Guide } from './guide.ts'
import type { SlashCommand } from './wiring.ts'
import type { PageEvent, PageFile, Snapshot } from './protocol.ts'
import type { SharedFile } from './records.ts'
import type { Change, Workspace } from './store.ts'
import type { Views } from './views.ts'

/** Longer texts are for the download. */
const previewed = 20_000

const pageFile = ({ content, ...file }: SharedFile): PageFile => {
  const text = content !== undefined && file.mimetype.startsWith('text/') && file.size <= previewed ? Buffer.from(content, 'base64').toString() : undefined
  return { ...file, ...(text === undefined ? {} : { text }) }
}

export type PageSource = {
  workspace: Workspace
  views: Views
  online: () => boolean
  commands: readonly SlashCommand[]
  readOnlyMessages: boolean
  guide: { guide: Guide; progress: GuideProgress } | undefined
}

/** What `me` sees now. */
export const snapshotFor = ({ workspace, views, online, commands, readOnlyMessages, guide }: PageSource, me: string): Snapshot => {
  const channels = workspace.channels().filter((one) => one.members.includes(me))
  return {
    kind: 'snapshot',
    team: workspace.team,
    me,
    bot: { userId: workspace.bot.userId, name: workspace.bot.name, online: online() },
    people: workspace.people(),
    channels,
    messages: channels.flatMap((one) => workspace.messages(one.id)),
    ephemerals: workspace.ephemerals().filter((one) => one.to === me),
    files: workspace
      .files()
      .filter((one) => one.completed)
      .map(pageFile),
    stack: views.stack(me),
    home: workspace.views().find((one) => one.user === me && one.body.type === 'home') ?? null,
    commands: [...commands],
    readOnlyMessages,
    guide: guide ? { guide: guide.guide, done: guide.progress.done() } : null,
  }
}

/** What a change means to `me`: nothing, or one event. */
export const eventFor = (source: PageSource, me: string, change: Change): PageEvent | undefined => {
  const { workspace, views } = source
  const mine = (channel: string) => workspace.channel(channel)?.members.includes(me) ?? false
  switch (change.kind) {
    case 'message':
      return mine(change.message.channel) ? change : undefined
    case 'message-gone':
      return mine(change.channel) ? change : undefined
    case 'ephemeral':
      return change.ephemeral.to === me ? change : undefined
    case 'ephemeral-gone':
      return change.to === me ? { kind: 'ephemeral-gone', channel: change.channel, ts: change.ts } : undefined
    case 'channel':
      // A channel that somebody enters or leaves changes which messages they see, so they start over.
      return snapshotFor(source, me)
    case 'person':
      return change
    case 'file':
      return change.file.completed ? { kind: 'file', file: pageFile(change.file) } : undefined
    case 'views':
      return change.user === me ? { kind: 'views', stack: views.stack(me) } : undefined
    case 'home':
      return change.user === me ? { kind: 'home', home: workspace.views().find((one) => one.user === me && one.body.type === 'home') ?? null } : undefined
    case 'notice':
      return undefined
  }
}

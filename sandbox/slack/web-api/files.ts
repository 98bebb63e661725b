import { z } from 'zod'
import type { Message, SharedFile } from '../records.ts'
import type { Workspace } from '../store.ts'
import { checkPosting, threadParent } from './chat.ts'
import { fromJson, messageBlocks, whole } from './arguments.ts'
import { method, visibleChannel } from './method.ts'
import { invalidArguments, Refused } from './refused.ts'
import { fileShape } from './shapes.ts'

const mimetypes: Record<string, string> = {
  txt: 'text/plain',
  log: 'text/plain',
  yml: 'text/yaml',
  yaml: 'text/yaml',
  json: 'application/json',
  diff: 'text/x-diff',
  md: 'text/markdown',
  png: 'image/png',
}

/** What a file's name says of its content; text when it says nothing. */
export const mimetypeOf = (name: string): string => mimetypes[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? 'text/plain'

/** Whether the bot may read a file: its own, one handed to it in a modal, or one shared where it is a member. */
export const readableFile = (workspace: Workspace, file: SharedFile): boolean =>
  file.completed &&
  (file.user === workspace.bot.userId ||
    file.channels.length === 0 ||
    file.channels.some((id) => workspace.channel(id)?.members.includes(workspace.bot.userId)))

const completed = z.array(z.object({ id: z.string(), title: z.string().optional() })).min(1)

/** files.*: docs.slack.dev reference/methods. An upload is: ask for a URL, post the bytes there, complete. */
export const fileMethods = {
  'files.getUploadURLExternal': method(
    { scopes: ['files:write'], tier: 4, args: { filename: z.string(), length: whole, snippet_type: z.string().optional() } },
    (args, call) => {
      if (args.filename === '') throw new Refused('no_filename')
      if (args.length === undefined || args.length < 1) throw invalidArguments(['[ERROR] must be more than 0 [json-pointer:/length]'])
      const id = call.workspace.nextId('F')
      call.workspace.putFile({
        id,
        name: args.filename,
        title: args.filename,
        mimetype: mimetypeOf(args.filename),
        size: args.length,
        user: call.workspace.bot.userId,
        created: Math.floor(call.workspace.now() / 1000),
        channels: [],
        completed: false,
      })
      return { upload_url: `${call.origin}/upload/v1/${id}`, file_id: id }
    },
  ),
  'files.completeUploadExternal': method(
    {
      scopes: ['files:write'],
      tier: 4,
      args: {
        files: z.unknown().optional(),
        channel_id: z.string().optional(),
        thread_ts: z.string().optional(),
        initial_comment: z.string().optional(),
        blocks: z.unknown().optional(),
      },
    },
    (args, call) => {
      const { workspace } = call
      const wanted = completed.safeParse(fromJson(args.files, 'invalid_arguments'))
      if (!wanted.success) throw invalidArguments(['[ERROR] must be a list of {id, title} [json-pointer:/files]'])
      const channel = args.channel_id ? visibleChannel(call, args.channel_id) : undefined
      if (channel) checkPosting(call, channel, { publicAllowed: false, reply: args.thread_ts !== undefined })
      if (channel && args.thread_ts) threadParent(workspace, channel, args.thread_ts)
      const blocks = messageBlocks(args.blocks)
      const files = wanted.data.map(({ id, title }) => {
        const file = workspace.file(id)
        if (!file || file.completed || file.user !== workspace.bot.userId) throw new Refused('file_not_found')
        if (file.content === undefined) throw new Refused('file_upload_incomplete')
        return { ...file, title: title ?? file.title, completed: true, channels: channel ? [channel.id] : [] }
      })
      files.forEach((file) => workspace.putFile(file))
      if (channel) {
        const message: Message = {
          channel: channel.id,
          ts: workspace.nextTs(),
          user: workspace.bot.userId,
          text: args.initial_comment ?? '',
          files: files.map((file) => file.id),
          ...(blocks ? { blocks } : {}),
          ...(args.thread_ts ? { thread: args.thread_ts } : {}),
        }
        workspace.putMessage(message)
        call.notify(message)
      }
      return { files: files.map((file) => fileShape(call.origin, file)) }
    },
  ),
  'files.info': method({ scopes: ['files:read'], tier: 4, args: { file: z.string() } }, (args, call) => {
    const file = call.workspace.file(args.file)
    if (!file || !readableFile(call.workspace, file)) throw new Refused('file_not_found')
    return { file: fileShape(call.origin, file), comments: [] }
  }),
}

import type { SharedFile } from './records.ts'
import type { Workspace } from './store.ts'
import { mimetypeOf } from './web-api/files.ts'

/** A file of a person, in no conversation yet: a message or a modal's file input hands it on. */
export const keepUpload = (workspace: Workspace, user: string, name: string, content: Buffer): SharedFile => {
  const file: SharedFile = {
    id: workspace.nextId('F'),
    name,
    title: name,
    mimetype: mimetypeOf(name),
    size: content.length,
    user,
    created: Math.floor(workspace.now() / 1000),
    content: content.toString('base64'),
    channels: [],
    completed: true,
  }
  workspace.putFile(file)
  return file
}

/** A file of this computer that Slack has, in no conversation yet. */
export interface Upload { readonly id: string; readonly name: string }

const isUpload = (value: unknown): value is Upload =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string' && 'name' in value && typeof value.name === 'string'

const whyOf = (value: unknown): string => (typeof value === 'object' && value !== null && 'error' in value ? String(value.error) : 'the sandbox did not take the file')

/** Uploads a file as somebody, for a message or a form to hand on. Rejects with the server's words. */
export const upload = async (me: string, file: File): Promise<Upload> => {
  const response = await fetch(`/page/upload?as=${encodeURIComponent(me)}&name=${encodeURIComponent(file.name)}`, { method: 'POST', body: file })
  const answer: unknown = await response.json()
  if (!isUpload(answer)) throw new Error(whyOf(answer))
  return answer
}

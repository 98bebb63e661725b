/** Bytes of one file that a person gives. Slack's own limit is 1 GB; the sandbox keeps its files in memory. */
export const mostUploadBytes = 10_000_000

/** A number of bytes as people read it. */
export const sizeWords = (bytes: number): string => {
  if (bytes < 1024) return `${bytes} bytes`
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

/** What a person reads of the limit. */
export const uploadLimit = `A file may have at most ${mostUploadBytes / 1_000_000} MB here.`

/** Why a file is not taken; null when it is. Pure. */
export const tooLarge = ({ name, size }: { readonly name: string; readonly size: number }): string | null => (size > mostUploadBytes ? `${name} has ${sizeWords(size)}. ${uploadLimit}` : null)

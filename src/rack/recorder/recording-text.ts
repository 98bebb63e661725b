import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

const inflate = promisify(gunzip)

/** A part as it is stored: an empty chunk is one that was dropped. */
export interface StoredPart { readonly chunk: Uint8Array; readonly lines: number; readonly firstAt: Date; readonly lastAt: Date }

/** The recording as JSON lines; what had no room is one line that says how much it was. Empty without parts. */
export const recordingText = async (parts: readonly StoredPart[]): Promise<string> => {
  const texts: string[] = []
  let gap: StoredPart[] = []
  const closeGap = (): void => {
    const [first] = gap
    const last = gap.at(-1)
    if (first === undefined || last === undefined) return
    texts.push(`${JSON.stringify({ at: first.firstAt.toISOString(), dropped: { lines: gap.reduce((sum, part) => sum + part.lines, 0), until: last.lastAt.toISOString() } })}\n`)
    gap = []
  }
  for (const part of parts) {
    if (part.chunk.length === 0) {
      gap.push(part)
      continue
    }
    closeGap()
    texts.push((await inflate(part.chunk)).toString())
  }
  closeGap()
  return texts.join('')
}

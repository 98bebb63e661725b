import { StringDecoder } from 'node:string_decoder'

/** A line longer than this, in bytes, ends the watch: an object is at most 1.5 MB in etcd. */
export const longestLine = 8 * 1024 * 1024

/**
 * The lines of a stream of bytes. What stands after the last line break when the stream ends is half a line and is dropped: the sender has not said it.
 * Holds at most one line; throws when one is longer than `most` bytes.
 */
export async function* readLines(stream: AsyncIterable<Uint8Array>, most: number = longestLine): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let bytes = 0
  for await (const chunk of stream) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = parts.join('') + decoder.write(Buffer.from(chunk.subarray(from, end)))
      parts = []
      bytes = 0
      from = end + 1
      if (line !== '') yield line
    }
    bytes += chunk.length - from
    if (bytes > most) throw new Error(`a watch line is longer than ${most} bytes`)
    parts.push(decoder.write(Buffer.from(chunk.subarray(from))))
  }
}

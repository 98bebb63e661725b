import { WebClient } from '@slack/web-api'
import type { Logger } from 'pino'
import { onceOptions } from '../slack-clients.ts'
import type { Door, Envelope } from './door.ts'
import { openSocketLine, type LineTimings, type SocketLine } from './socket-line.ts'
import { socketTimings } from './socket.ts'

export const lineTimings: LineTimings = { ...socketTimings, retry: 500, retryMost: 10_000, refused: 30_000, short: 10_000, overlap: 3_000 }

/** Milliseconds. Two connections, so that one at a time may be renewed; begun apart, so that they do not end together. */
const lineStarts = [0, 30_000] as const

/** Socket Mode: two standing connections. */
export const createSocketDoor = (options: {
  readonly appToken: string; readonly slackApiUrl: string | undefined; readonly log: Logger; readonly onEnvelope: (envelope: Envelope) => void
  readonly timings?: LineTimings; readonly starts?: readonly number[]
}): Door => {
  const { appToken, slackApiUrl, log, onEnvelope, timings = lineTimings, starts = lineStarts } = options
  const client = new WebClient(appToken, onceOptions(slackApiUrl, log))
  let lines: readonly SocketLine[] = []
  const troubles = (): readonly NonNullable<ReturnType<SocketLine['trouble']>>[] => lines.flatMap((line) => line.trouble() ?? [])
  return {
    connected: () => lines.some((line) => line.connected()),
    // One line is enough to hear everything.
    trouble: () => (lines.some((line) => line.connected()) ? null : troubles()[0]?.words ?? null),
    refused: () => troubles().find((one) => one.refused)?.words ?? null,
    open: () => {
      if (lines.length === 0) lines = starts.map((startAfter) => openSocketLine({ client, log, timings, onEnvelope, startAfter }))
    },
    close: async () => {
      const old = lines
      lines = []
      await Promise.all(old.map((line) => line.stop()))
    },
    serve: null,
  }
}

import type { Run } from './scenario.ts'

/** One written line. `time` in milliseconds. */
export interface WrittenLine {
  time: number
  text: string
}

/** No log is told longer than this: as much as a node keeps of a chatty container. */
const maxLines = 50_000

/**
 * What a run has written up to `until` (ms, and never past its end). The same run always tells the same log, so nothing needs to be stored.
 * `lived` converts wall time since the start into kubelet time. `environment` is printed when the run prints its own.
 */
export const writtenLines = (run: Run, startedAt: number, until: number, speed: number, environment: ReadonlyMap<string, string>): WrittenLine[] => {
  const lived = Math.min((until - startedAt) * speed, run.exit === undefined ? Infinity : run.exit.after)
  const lines: { at: number; text: string }[] = []
  for (const { at, text, every } of run.log) {
    if (at > lived) continue
    if (every === undefined) {
      lines.push({ at, text })
      continue
    }
    const last = Math.floor((lived - at) / every) + 1
    for (let n = Math.max(1, last - maxLines); n <= last; n++) lines.push({ at: at + (n - 1) * every, text: text.replaceAll('{n}', String(n)) })
  }
  if (run.printsEnvironment === true && lived >= 20) for (const [name, value] of environment) lines.push({ at: 20, text: `${name}=${value}` })
  return lines.sort((a, b) => a.at - b.at).map(({ at, text }) => ({ time: startedAt + at / speed, text }))
}

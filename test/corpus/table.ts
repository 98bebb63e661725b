import type { Played } from './play.ts'

const median = (numbers: readonly number[]): number | undefined => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}

/** One row per scenario: how often it was played, right and wrong, and the median seconds from the promotion's start to its verdict. */
export const tableOf = (played: readonly Played[]): string => {
  const rows = [...new Set(played.map(({ scenario }) => scenario))].map((scenario) => {
    const runs = played.filter((each) => each.scenario === scenario)
    const wrong = runs.filter((each) => each.wrong.length > 0).length
    const seconds = median(runs.flatMap(({ secondsToVerdict }) => secondsToVerdict ?? []))
    return [scenario.class, scenario.name, scenario.ends.status, scenario.ends.rule ?? '-', String(runs.length), String(runs.length - wrong), String(wrong), seconds?.toFixed(1) ?? '-']
  })
  const head = ['CLASS', 'SCENARIO', 'ENDS', 'RULE', 'RUNS', 'RIGHT', 'WRONG', 'MEDIAN S TO VERDICT']
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  return [head, ...rows].map((row) => row.map((cell, column) => (column < 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ').trimEnd()).join('\n')
}

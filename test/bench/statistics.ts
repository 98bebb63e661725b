/** Seconds or counts; of fewer than a hundred samples the 99th percentile is the largest. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** One line of the result: what was measured, and what it should be. */
export interface Measured {
  readonly what: string
  readonly unit: 'ms' | 's' | 'MB' | 'kB' | 'requests'
  readonly samples: readonly number[]
  /** At most, of the 99th percentile. */
  readonly goal?: number
  /** The goal is one for every sample. */
  readonly never?: true
}

const shown = (value: number, unit: Measured['unit']): string => (Number.isNaN(value) ? '-' : `${unit === 's' || unit === 'MB' || unit === 'kB' ? value.toFixed(1) : String(Math.round(value))} ${unit}`)

const verdictOf = ({ goal, samples, never }: Measured): string => {
  if (goal === undefined || samples.length === 0) return ''
  return percentile(samples, never === true ? 1 : 0.99) <= goal ? 'met' : 'MISSED'
}

/** Columns two spaces apart. */
export const columns = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n')
}

/** The table: median, 99th percentile, worst, and the goal beside them. */
export const resultTable = (results: readonly Measured[]): string =>
  columns([
    ['', 'n', 'median', 'p99', 'worst', 'goal', ''],
    ...results.map((result) => [
      result.what, String(result.samples.length), shown(percentile(result.samples, 0.5), result.unit), shown(percentile(result.samples, 0.99), result.unit),
      shown(percentile(result.samples, 1), result.unit), result.goal === undefined ? '' : `<= ${shown(result.goal, result.unit)}`, verdictOf(result),
    ]),
  ])

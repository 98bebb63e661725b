import type { RecordingLine } from './lines.ts'

/** Annotations the judge may read; others are anybody's text (`last-applied-configuration` holds whole manifests) and stay out. */
const kept = /^(deployment\.kubernetes\.io|deprecated\.daemonset\.template\.generation|slipway)/

const keptAnnotations = (value: object): object => Object.fromEntries(Object.entries(value).filter(([name]) => kept.test(name)))

/** One line as text: what the cluster or a person said in words is masked, and nothing else, for the judge has to find the same names again. */
export const lineText = (line: RecordingLine, mask: (text: string) => string): string =>
  JSON.stringify(line, (key, value: unknown) => {
    if (key === 'message' && typeof value === 'string') return mask(value)
    return key === 'annotations' && typeof value === 'object' && value !== null ? keptAnnotations(value) : value
  })

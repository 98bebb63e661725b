import { isCollection, LineCounter, parseDocument, visit } from 'yaml'
import type { Document, YAMLError } from 'yaml'
import type { Problems } from './fields.ts'

/** YAML text as plain values: maps as `Map` in the order of the file, merge keys (`<<`) and aliases resolved. */
export type YamlText = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly errors: readonly string[] }

const place = (lines: LineCounter, offset: number): string => {
  const { line, col } = lines.linePos(offset)
  return `line ${line}, column ${col}`
}

const wording = (error: YAMLError, text: string): string => {
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^["']?([^\s:"',{}[\]]+)/.exec(text.slice(error.pos[0]))?.[1]
    return key === undefined ? 'a key is given twice' : `key \`${key}\` is given twice`
  }
  if (error.code === 'MULTIPLE_DOCS') return 'more than one YAML document'
  return error.message
}

const structureErrors = (document: Document.Parsed, lines: LineCounter): Problems => {
  const problems: Problems = []
  visit(document, {
    Alias: (_key, node) => {
      if (node.resolve(document) === undefined) problems.push(`convox.yml ${place(lines, node.range?.[0] ?? 0)}: no anchor \`&${node.source}\` above this`)
    },
    Pair: (_key, pair) => {
      if (isCollection(pair.key)) problems.push(`convox.yml ${place(lines, pair.key.range?.[0] ?? 0)}: a key must be a word, not a list or a map`)
    },
  })
  return problems
}

/** Reads one YAML 1.2 document; every syntax error, duplicate key, odd key and unknown alias comes with its line and column. Never throws. */
export const readYaml = (text: string): YamlText => {
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, { merge: true, prettyErrors: false, lineCounter: lines, logLevel: 'error' })
    const syntax = document.errors.map((error) => `convox.yml ${place(lines, error.pos[0])}: ${wording(error, text)}`)
    const errors = syntax.length > 0 ? syntax : structureErrors(document, lines)
    return errors.length > 0 ? { ok: false, errors } : { ok: true, value: document.toJS({ mapAsMap: true }) }
  } catch (error) {
    // The library throws for alias bombs and for nesting beyond the stack: both are the text's fault, not ours.
    const why = error instanceof RangeError ? 'it is nested too deeply' : error instanceof Error ? error.message : String(error)
    return { ok: false, errors: [`convox.yml cannot be read: ${why}`] }
  }
}

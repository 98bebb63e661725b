/** One difference between two manifests. Never holds a value of the environment, nor a default, which may be as secret as one. */
export interface FieldChange {
  /** What it is about; `name` is the service's, the timer's or the config's, and '' for the release command. */
  readonly subject: 'service' | 'timer' | 'config' | 'release_command'
  readonly name: string
  /** Null where the whole comes, goes, or is called otherwise. */
  readonly field: string | null
  readonly kind: 'added' | 'removed' | 'renamed' | 'changed'
  /** In words, `${VAR}` not replaced; null where there was nothing. */
  readonly from: string | null
  readonly to: string | null
  /** What an approver must not overlook: how many run, with how much, and what decides whether they are healthy. */
  readonly callout: 'scale' | 'probes' | null
  /** Worth a warning in a list of many: the called out ones, what comes and goes, who can reach it. */
  readonly important: boolean
}

/** Two manifests compared. */
export interface ManifestDiff {
  /** Services in the new file's order, gone ones after them; then what belongs to none. */
  readonly changes: readonly FieldChange[]
  /** Services in which nothing changed. */
  readonly unchanged: readonly string[]
}

/** One readable line of a manifest's difference, such as `web scale 2 → 3`. */
export interface ManifestLine {
  readonly text: string
  readonly important: boolean
  /** The service of these words, in which nothing changed. Absent: something did, or the line was kept before this was. */
  readonly unchanged?: string
}

const kindOf = (from: string | null, to: string | null): FieldChange['kind'] => {
  if (from === null) return 'added'
  return to === null ? 'removed' : 'changed'
}

/** A field that says something else now; nothing where it says the same. */
export const fieldChange = (
  about: Pick<FieldChange, 'subject' | 'name' | 'important'> & { readonly field: string; readonly callout?: FieldChange['callout'] }, from: string | null, to: string | null,
): readonly FieldChange[] => (from === to ? [] : [{ callout: null, ...about, kind: kindOf(from, to), from, to }])

const prefix = { service: '', timer: 'timer ', config: 'config ', release_command: 'release command' } as const satisfies Record<FieldChange['subject'], string>

const words = (change: FieldChange): string => {
  const name = `${prefix[change.subject]}${change.name}`
  if (change.field !== null || change.subject === 'release_command') {
    return `${name}${change.field === null ? '' : ` ${change.field}`} ${change.from ?? 'none'} → ${change.to ?? 'none'}`
  }
  switch (change.kind) {
    case 'added': return change.to === null ? `${name} added` : `${name} added, ${change.to}`
    case 'removed': return `${name} removed`
    case 'renamed': return `${name} renamed from ${change.from ?? 'another'}`
    case 'changed': return `${name} changed`
  }
}

/** What stands in front of a declared key. */
export const environmentField = 'environment.'

const verbs = { added: 'add', changed: 'change', renamed: 'change', removed: 'remove' } as const satisfies Record<FieldChange['kind'], string>

const declaredKey = (change: FieldChange): string | null => (change.subject === 'service' && change.field?.startsWith(environmentField) === true ? change.field.slice(environmentField.length) : null)

/** The difference as lines, a service's declared keys together in one (`web environment add:D remove:C`), services without change last. Pure. */
export const manifestLines = ({ changes, unchanged }: ManifestDiff): readonly ManifestLine[] => {
  const lines: ManifestLine[] = []
  const declared = new Map<string, number>()
  for (const change of changes) {
    const key = declaredKey(change)
    if (key === null) {
      lines.push({ text: words(change), important: change.important })
      continue
    }
    const at = declared.get(change.name)
    const before = at === undefined ? `${change.name} environment` : (lines[at]?.text ?? '')
    const line = { text: `${before} ${verbs[change.kind]}:${key}`, important: change.important }
    if (at === undefined) declared.set(change.name, lines.push(line) - 1)
    else lines[at] = line
  }
  return [...lines, ...unchanged.map((name) => ({ text: `${name} no change`, important: false, unchanged: name }))]
}

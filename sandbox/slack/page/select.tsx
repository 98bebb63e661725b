import { useEffect, useState } from 'preact/hooks'
import type { InteractiveElement } from '../blocks/elements.ts'
import type { Given } from '../element-values.ts'
import { act, useLive, type Live } from './live.ts'
import { useSurface } from './surface.ts'

type SelectElement = Extract<
  InteractiveElement,
  { type: 'static_select' | 'external_select' | 'users_select' | 'conversations_select' | 'channels_select' | 'multi_static_select' | 'multi_users_select' }
>
type Row = { value: string; text: string; group?: string }

const rowsOf = (element: SelectElement, { snapshot }: Live): Row[] => {
  if (element.type === 'static_select' || element.type === 'multi_static_select') {
    return [
      ...(element.options ?? []).map((one) => ({ value: one.value, text: one.text.text })),
      ...(element.option_groups ?? []).flatMap((group) => group.options.map((one) => ({ value: one.value, text: one.text.text, group: group.label.text }))),
    ]
  }
  if (element.type === 'users_select' || element.type === 'multi_users_select')
    return (snapshot?.people ?? []).filter((one) => !one.deactivated).map((one) => ({ value: one.id, text: one.realName ?? one.name }))
  if (element.type === 'external_select') return []
  return (snapshot?.channels ?? []).map((one) => ({ value: one.id, text: one.im ? one.name : `#${one.name}` }))
}

const isOption = (value: unknown): value is { value: string; text: { text: string } } =>
  typeof value === 'object' &&
  value !== null &&
  'value' in value &&
  typeof value.value === 'string' &&
  'text' in value &&
  typeof value.text === 'object' &&
  value.text !== null &&
  'text' in value.text

const External = ({
  block,
  element,
  value,
  onChange,
  described,
}: {
  block: string
  element: SelectElement
  value: Given
  onChange: (given: Given) => void
  described: Record<string, unknown>
}) => {
  const { me } = useLive()
  const { target } = useSurface()
  const [query, setQuery] = useState('')
  const [open, setOpen] = useState(false)
  const [rows, setRows] = useState<Row[]>([])
  const [state, setState] = useState<'idle' | 'asking' | 'failed'>('idle')
  const least = element.type === 'external_select' ? (element.min_query_length ?? 3) : 0
  useEffect(() => {
    if (!open || query.length < least) return undefined
    let wanted = true
    const timer = setTimeout(async () => {
      setState('asking')
      const answer = await act({ do: 'suggest', as: me, on: target, block, action: element.action_id ?? '', query }).catch(() => ({ ok: false, options: [] }))
      if (!wanted) return
      const options: unknown = answer['options']
      setRows((Array.isArray(options) ? options : []).filter(isOption).map((one) => ({ value: one.value, text: one.text.text })))
      setState(answer['ok'] === true ? 'idle' : 'failed')
    }, 150)
    return () => {
      wanted = false
      clearTimeout(timer)
    }
  }, [open, query])
  const chosen = rows.find((one) => one.value === value)
  return (
    <span class="combo">
      <input
        {...described}
        class="field"
        role="combobox"
        aria-expanded={open}
        aria-autocomplete="list"
        placeholder={element.placeholder?.text ?? 'Type to search'}
        value={open ? query : (chosen?.text ?? (typeof value === 'string' ? value : ''))}
        onFocus={() => setOpen(true)}
        onBlur={() => setTimeout(() => setOpen(false), 150)}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      {open && (
        <span class="menu menu-wide" role="listbox">
          {query.length < least && <span class="menu-note">Type at least {least} characters</span>}
          {state === 'asking' && <span class="menu-note">Searching …</span>}
          {state === 'failed' && <span class="menu-note">The app did not answer.</span>}
          {state === 'idle' && query.length >= least && rows.length === 0 && <span class="menu-note">No results</span>}
          {rows.map((row) => (
            <button
              key={row.value}
              type="button"
              role="option"
              aria-selected={row.value === value}
              class="menu-item"
              onMouseDown={(event) => {
                event.preventDefault()
                setOpen(false)
                onChange(row.value)
              }}
            >
              {row.text}
            </button>
          ))}
        </span>
      )}
    </span>
  )
}

/** Any of Slack's select menus. */
export const Select = ({
  block,
  element,
  value,
  onChange,
  described,
  busy,
}: {
  block: string
  element: SelectElement
  value: Given
  onChange: (given: Given) => void
  described: Record<string, unknown>
  busy: boolean
}) => {
  const live = useLive()
  if (element.type === 'external_select') return <External block={block} element={element} value={value} onChange={onChange} described={described} />
  const rows = rowsOf(element, live)
  const multiple = element.type === 'multi_static_select' || element.type === 'multi_users_select'
  const chosen = Array.isArray(value) ? value : value === null ? [] : [value]
  if (multiple) {
    const toggle = (row: string, on: boolean) => onChange(rows.map((one) => one.value).filter((one) => (one === row ? on : chosen.includes(one))))
    return (
      <span class="choices choices-box" role="group" aria-label={typeof described['aria-label'] === 'string' ? described['aria-label'] : undefined}>
        {rows.map((row) => (
          <label key={row.value} class="choice">
            <input
              type="checkbox"
              checked={chosen.includes(row.value)}
              disabled={!chosen.includes(row.value) && chosen.length >= (element.max_selected_items ?? Infinity)}
              onChange={(event) => toggle(row.value, event.currentTarget.checked)}
            />
            <span>{row.text}</span>
          </label>
        ))}
      </span>
    )
  }
  const groups = [...new Set(rows.map((row) => row.group))]
  const options = (group: string | undefined) =>
    rows
      .filter((row) => row.group === group)
      .map((row) => (
        <option key={row.value} value={row.value} selected={chosen.includes(row.value)}>
          {row.text}
        </option>
      ))
  return (
    <select {...described} class={`field field-select${busy ? ' is-busy' : ''}`} disabled={busy} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="" disabled selected={chosen.length === 0}>
        {element.placeholder?.text ?? 'Select'}
      </option>
      {groups.map((group) =>
        group === undefined ? (
          options(group)
        ) : (
          <optgroup key={group} label={group}>
            {options(group)}
          </optgroup>
        ),
      )}
    </select>
  )
}

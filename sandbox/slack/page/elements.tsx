import { useEffect, useRef, useState } from 'preact/hooks'
import type { Button, InteractiveElement } from '../blocks/elements.ts'
import type { ConfirmDialog, Option } from '../blocks/text.ts'
import { initialOf, type Given } from '../element-values.ts'
import { Choices } from './choices.tsx'
import { Confirm } from './dialog.tsx'
import { FileInput } from './file-input.tsx'
import { Icon } from './icons.tsx'
import { Plain, Text } from './mrkdwn-view.tsx'
import { Select } from './select.tsx'
import { useClick, useSurface } from './surface.ts'

type Place = { block: string; element: InteractiveElement; label?: string | undefined }

/** A click that may ask first, shows that it is on its way, and says when it failed. */
const useAsking = (block: string, action: string, dialog: ConfirmDialog | undefined) => {
  const click = useClick()
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<string>()
  const [asking, setAsking] = useState<{ given: Given }>()
  const alive = useRef(true)
  useEffect(() => () => void (alive.current = false), [])
  const send = async (given: Given) => {
    setAsking(undefined)
    setBusy(true)
    setFailed(undefined)
    const problem = await click(block, action, given)
    if (!alive.current) return
    setBusy(false)
    setFailed(problem)
  }
  const start = (given: Given) => (dialog ? setAsking({ given }) : void send(given))
  const shown = (
    <>
      {asking && dialog && <Confirm dialog={dialog} onConfirm={() => void send(asking.given)} onDeny={() => setAsking(undefined)} />}
      {failed !== undefined && (
        <span class="click-failed" role="alert">
          ⚠ {failed}
        </span>
      )}
    </>
  )
  return { busy, start, shown }
}

const ButtonElement = ({ block, element }: { block: string; element: Button }) => {
  const { busy, start, shown } = useAsking(block, element.action_id ?? '', element.confirm)
  const style = element.style === 'primary' ? ' button-primary' : element.style === 'danger' ? ' button-danger' : ''
  const onClick = () => {
    if (element.url !== undefined) window.open(element.url, '_blank', 'noreferrer')
    start(null)
  }
  return (
    <>
      <button
        type="button"
        class={`button${style}${busy ? ' is-busy' : ''}`}
        disabled={busy}
        aria-busy={busy}
        aria-label={element.accessibility_label}
        data-action={element.action_id}
        onClick={onClick}
      >
        <span class="button-label">
          <Plain text={element.text.text} />
        </span>
        {busy && <span class="spinner" aria-hidden="true" />}
      </button>
      {shown}
    </>
  )
}

const Overflow = ({ block, element }: { block: string; element: Extract<InteractiveElement, { type: 'overflow' }> }) => {
  const { busy, start, shown } = useAsking(block, element.action_id ?? '', element.confirm)
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    if (!open) return undefined
    root.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus()
    const away = (event: Event) => event.target instanceof Node && !root.current?.contains(event.target) && setOpen(false)
    document.addEventListener('mousedown', away)
    return () => document.removeEventListener('mousedown', away)
  }, [open])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setOpen(false)
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
    const at = items.findIndex((one) => one === document.activeElement)
    items[(at + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length]?.focus()
  }
  const choose = (option: Option) => {
    setOpen(false)
    start(option.value)
  }
  return (
    <span class="menu-root" ref={root} onKeyDown={onKeyDown}>
      <button
        type="button"
        class={`button button-icon${busy ? ' is-busy' : ''}`}
        aria-label="More actions"
        aria-haspopup="menu"
        aria-expanded={open}
        data-action={element.action_id}
        disabled={busy}
        onClick={() => setOpen(!open)}
      >
        <span class="button-label">
          <Icon name="more" />
        </span>
        {busy && <span class="spinner" aria-hidden="true" />}
      </button>
      {open && (
        <span class="menu" role="menu">
          {element.options.map((one) => (
            <button key={one.value} type="button" role="menuitem" class="menu-item" onClick={() => choose(one)}>
              <Text text={one.text} />
            </button>
          ))}
        </span>
      )}
      {shown}
    </span>
  )
}

/** One interactive element. In an input block it is only filled in; elsewhere using it tells the app. */
export const Element = ({ block, element, label, quiet = false, id }: Place & { quiet?: boolean; id?: string }) => {
  const { values, set, errors, clearError } = useSurface()
  const action = element.action_id ?? ''
  const { busy, start, shown } = useAsking(block, action, 'confirm' in element ? element.confirm : undefined)
  if (element.type === 'button') return <ButtonElement block={block} element={element} />
  if (element.type === 'overflow') return <Overflow block={block} element={element} />
  const held = values[block]?.[action]
  const value = held === undefined ? initialOf(element) : held
  const change = (given: Given) => {
    set(block, action, given)
    clearError(block)
    if (!quiet) start(given)
  }
  const described = {
    id,
    'aria-label': label === undefined ? undefined : label,
    'aria-invalid': errors[block] !== undefined,
    'aria-describedby': errors[block] !== undefined ? `${id}-error` : undefined,
    'data-action': action,
  }
  switch (element.type) {
    case 'plain_text_input': {
      const shared = { ...described, class: 'field', value: String(value ?? ''), placeholder: element.placeholder?.text, maxLength: element.max_length ?? 3000 }
      return element.multiline ? (
        <textarea {...shared} rows={5} onInput={(event) => change(event.currentTarget.value)} />
      ) : (
        <input {...shared} type="text" autocomplete="off" onInput={(event) => change(event.currentTarget.value)} />
      )
    }
    case 'number_input':
      return (
        <input
          {...described}
          class="field"
          type="number"
          value={String(value ?? '')}
          step={element.is_decimal_allowed ? 'any' : '1'}
          onInput={(event) => change(event.currentTarget.value)}
        />
      )
    case 'datepicker':
      return <input {...described} class="field field-short" type="date" value={String(value ?? '')} onInput={(event) => change(event.currentTarget.value)} />
    case 'file_input':
      return <FileInput {...described} element={element} value={value} onChange={change} />
    case 'checkboxes':
    case 'radio_buttons':
      return (
        <>
          <Choices element={element} name={`${block}-${action}`} value={value} onChange={change} label={label} />
          {shown}
        </>
      )
    default:
      return (
        <span class="select-root">
          <Select block={block} element={element} value={value} onChange={change} described={described} busy={busy} />
          {shown}
        </span>
      )
  }
}

import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { ConfirmDialog } from '../blocks/text.ts'
import { Icon } from './icons.tsx'
import { Text } from './mrkdwn-view.tsx'

const focusable = 'button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select:not([disabled]), a[href], [tabindex="0"]'

/** A box over the page that keeps the focus, gives it back, and closes on Escape. */
export const Overlay = ({
  label,
  testId,
  onClose,
  children,
  narrow,
}: {
  label: string
  testId: string
  onClose: () => void
  children: ComponentChildren
  narrow?: boolean
}) => {
  const box = useRef<HTMLDivElement>(null)
  const closing = useRef(onClose)
  closing.current = onClose
  useEffect(() => {
    const before = document.activeElement
    const first =
      box.current?.querySelector<HTMLElement>('[data-focus]') ??
      box.current?.querySelector<HTMLElement>('input, textarea, select') ??
      box.current?.querySelector<HTMLElement>(focusable)
    first?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  useEffect(() => {
    // On the document, because a button that becomes disabled under its own click loses the focus to the page.
    const onEscape = (event: KeyboardEvent) => {
      const boxes = [...document.querySelectorAll<HTMLElement>('[role=dialog]')].filter((one) => one.offsetParent !== null)
      if (event.key === 'Escape' && boxes.at(-1) === box.current) {
        event.preventDefault()
        closing.current()
      }
    }
    document.addEventListener('keydown', onEscape)
    return () => document.removeEventListener('keydown', onEscape)
  }, [])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Tab' || !box.current) return
    const all = [...box.current.querySelectorAll<HTMLElement>(focusable)].filter((one) => one.offsetParent !== null)
    const [first, last] = [all[0], all.at(-1)]
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault()
      last?.focus()
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault()
      first?.focus()
    }
  }
  return (
    <div class="overlay" onMouseDown={(event) => event.target === event.currentTarget && closing.current()}>
      <div
        ref={box}
        class={`dialog${narrow ? ' dialog-narrow' : ''}`}
        role="dialog"
        aria-modal="true"
        aria-label={label}
        data-testid={testId}
        onKeyDown={onKeyDown}
      >
        {children}
      </div>
    </div>
  )
}

/** "Are you sure", with the app's own words. */
export const Confirm = ({ dialog, onConfirm, onDeny }: { dialog: ConfirmDialog; onConfirm: () => void; onDeny: () => void }) => (
  <Overlay label={dialog.title.text} testId="dialog" onClose={onDeny} narrow>
    <header class="dialog-head">
      <h2>{dialog.title.text}</h2>
      <button type="button" class="icon-button" aria-label="Close" onClick={onDeny}>
        <Icon name="close" />
      </button>
    </header>
    <div class="dialog-body">
      <Text text={dialog.text} />
    </div>
    <footer class="dialog-foot">
      <button type="button" class="button" data-testid="dialog-deny" onClick={onDeny}>
        {dialog.deny.text}
      </button>
      <button
        type="button"
        data-focus
        class={`button ${dialog.style === 'danger' ? 'button-danger' : 'button-primary'}`}
        data-testid="dialog-confirm"
        onClick={onConfirm}
      >
        {dialog.confirm.text}
      </button>
    </footer>
  </Overlay>
)

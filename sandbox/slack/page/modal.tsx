import { useEffect, useRef, useState } from 'preact/hooks'
import type { FormValues, Given } from '../element-values.ts'
import type { View } from '../records.ts'
import { Blocks } from './blocks-view.tsx'
import { Overlay } from './dialog.tsx'
import { Icon } from './icons.tsx'
import { act, useLive } from './live.ts'
import { explain, SurfaceContext } from './surface.ts'

const isErrors = (value: unknown): value is Record<string, string> => typeof value === 'object' && value !== null

const Form = ({ view, depth, botName }: { view: View; depth: number; botName: string }) => {
  const { me } = useLive()
  const [values, setValues] = useState<FormValues>({})
  const [errors, setErrors] = useState<Record<string, string>>({})
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const alive = useRef(true)
  useEffect(() => () => void (alive.current = false), [])
  const { body } = view
  if (body.type !== 'modal') return null
  const set = (block: string, action: string, given: Given) => setValues((before) => ({ ...before, [block]: { ...before[block], [action]: given } }))
  const clearError = (block: string) => setErrors(({ [block]: _gone, ...rest }) => rest)
  const close = () => void act({ do: 'close', as: me, view: view.id, all: false }).catch((error: unknown) => setProblem(explain(error)))
  const submit = async () => {
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    const answer = await act({ do: 'submit', as: me, view: view.id, values }).catch((error: unknown) => ({ kind: 'failed', error: explain(error) }))
    if (!alive.current) return
    setBusy(false)
    const found: unknown = 'errors' in answer ? answer['errors'] : undefined
    setErrors(isErrors(found) ? found : {})
    if (answer.kind === 'failed')
      setProblem(
        answer.error === 'operation_timeout' || answer.error === 'dispatch_failed' ? 'We had some trouble connecting. Try again?' : String(answer.error),
      )
  }
  return (
    <SurfaceContext.Provider value={{ target: { kind: 'view', view: view.id }, values, set, errors, clearError }}>
      <Overlay label={body.title.text} testId="modal" onClose={close}>
        <form
          class="modal-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void submit()
          }}
        >
          <header class="dialog-head">
            {depth > 1 && (
              <button type="button" class="icon-button" aria-label="Back" onClick={close}>
                <Icon name="back" />
              </button>
            )}
            <h2>
              {body.title.text}
              <small>{botName}</small>
            </h2>
            <button type="button" class="icon-button" aria-label="Close" onClick={close}>
              <Icon name="close" />
            </button>
          </header>
          <div class="dialog-body" aria-busy={busy}>
            {problem !== undefined && (
              <p class="modal-problem" role="alert">
                {problem}
              </p>
            )}
            <Blocks blocks={body.blocks} />
          </div>
          <footer class="dialog-foot">
            <button type="button" class="button" onClick={close}>
              {body.close?.text ?? (depth > 1 ? 'Back' : 'Cancel')}
            </button>
            {body.submit && (
              <button
                type="submit"
                class={`button button-primary${busy ? ' is-busy' : ''}`}
                disabled={body.submit_disabled}
                aria-busy={busy}
                data-testid="modal-submit"
              >
                <span class="button-label">{body.submit.text}</span>
                {busy && <span class="spinner" aria-hidden="true" />}
              </button>
            )}
          </footer>
        </form>
      </Overlay>
    </SurfaceContext.Provider>
  )
}

/** This person's stack of modals. Those below stay, hidden, with what was filled in. */
export const Modals = () => {
  const { snapshot } = useLive()
  const stack = snapshot?.stack ?? []
  return (
    <>
      {stack.map((view, index) => (
        <div key={view.id} style={{ display: index === stack.length - 1 ? 'contents' : 'none' }}>
          <Form view={view} depth={index + 1} botName={snapshot?.bot.name ?? ''} />
        </div>
      ))}
    </>
  )
}

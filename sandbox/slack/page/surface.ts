import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { FormValues, Given } from '../element-values.ts'
import type { Target } from '../wiring.ts'
import { act, useLive } from './live.ts'

/** Where blocks stand: in a message or a view, with what has been filled in there. */
export type Surface = {
  target: Target
  values: FormValues
  set: (block: string, action: string, given: Given) => void
  errors: Record<string, string>
  clearError: (block: string) => void
}

const none: Surface = { target: { kind: 'view', view: '' }, values: {}, set: () => undefined, errors: {}, clearError: () => undefined }

export const SurfaceContext = createContext<Surface>(none)
export const useSurface = (): Surface => useContext(SurfaceContext)

const explained: Record<string, string> = { operation_timeout: 'The app did not answer in time.', dispatch_failed: 'The app is not connected.' }

/** What a person reads when the app did not take a click. */
export const explain = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error)
  return explained[text] ?? text
}

/** Sends a click of this surface. Resolves with what went wrong, or undefined. */
export const useClick = () => {
  const { me } = useLive()
  const { target, values } = useSurface()
  return async (block: string, action: string, given: Given): Promise<string | undefined> => {
    try {
      const answer = await act({ do: 'click', as: me, on: target, block, action, given, values })
      return answer['ok'] === true ? undefined : explain(answer['error'])
    } catch (error) {
      return explain(error)
    }
  }
}

import { z } from 'zod'
import { checkView } from './block-rules.ts'
import type { FormValues } from './element-values.ts'
import { complaints } from './form-values.ts'
import type { Wiring } from './wiring.ts'
import type { View } from './records.ts'
import { Refused } from './web-api/refused.ts'

/** What became of a submitted modal. `errors` are by block_id. */
export type SubmitOutcome =
  { kind: 'closed' } | { kind: 'updated' } | { kind: 'pushed' } | { kind: 'errors'; errors: Record<string, string> } | { kind: 'failed'; error: string }

const action = z.discriminatedUnion('response_action', [
  z.object({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.object({ response_action: z.literal('update'), view: z.unknown().optional() }),
  z.object({ response_action: z.literal('push'), view: z.unknown().optional() }),
  z.object({ response_action: z.literal('clear') }),
])

const modal = (value: unknown) => {
  const verdict = checkView(value)
  if (!verdict.ok) throw new Refused('invalid_view', { messages: verdict.messages })
  return verdict.value
}

const answered = ({ views }: Wiring, view: View, payload: unknown): SubmitOutcome => {
  if (payload === undefined || payload === null || payload === '' || (typeof payload === 'object' && Object.keys(payload).length === 0)) {
    views.close(view, false)
    return { kind: 'closed' }
  }
  const parsed = action.safeParse(payload)
  if (!parsed.success) return { kind: 'failed', error: 'dispatch_failed: not a response_action' }
  switch (parsed.data.response_action) {
    case 'errors': {
      const inputs = new Set(view.body.blocks.filter((block) => block.type === 'input').map((block) => block.block_id))
      const stray = Object.keys(parsed.data.errors).filter((id) => !inputs.has(id))
      if (stray.length > 0 || Object.keys(parsed.data.errors).length === 0)
        return { kind: 'failed', error: `dispatch_failed: errors for no input block: ${stray.join(', ')}` }
      return { kind: 'errors', errors: parsed.data.errors }
    }
    case 'clear':
      views.close(view, true)
      return { kind: 'closed' }
    case 'update':
      views.replace(view, modal(parsed.data.view))
      return { kind: 'updated' }
    case 'push':
      views.onTop(view, modal(parsed.data.view))
      return { kind: 'pushed' }
  }
}

/** Sends a modal as its person filled it in, unless Slack's own client would hold it back, and does what the app's acknowledgement says. */
export const submitView = async (
  wiring: Wiring,
  view: View,
  values: FormValues,
  state: () => Record<string, Record<string, unknown>>,
  payload: (state: Record<string, Record<string, unknown>>) => Record<string, unknown>,
): Promise<SubmitOutcome> => {
  const held = complaints(view.body.blocks, values)
  if (Object.keys(held).length > 0) return { kind: 'errors', errors: held }
  const delivery = await wiring.transport.deliver('interactive', payload(state()), true)
  if (delivery.kind !== 'ack') return { kind: 'failed', error: delivery.kind === 'timeout' ? 'operation_timeout' : 'dispatch_failed' }
  try {
    return answered(wiring, wiring.workspace.view(view.id) ?? view, delivery.payload)
  } catch (error) {
    if (error instanceof Refused) return { kind: 'failed', error: `dispatch_failed: ${error.code} ${JSON.stringify(error.extra)}` }
    throw error
  }
}

import type { Block, ViewBody } from './blocks/blocks.ts'
import { withIds } from './block-rules.ts'
import type { View } from './records.ts'
import type { Workspace } from './store.ts'
import { Refused } from './web-api/refused.ts'

/** docs.slack.dev surfaces/modals: a stack holds three views. */
const maxStack = 3
/** docs.slack.dev reference/methods/views.open: a view of more than 250 KB is `view_too_large`. */
const maxBytes = 250_000
/** docs.slack.dev interactivity/handling-user-interaction: a trigger lives 3 seconds and works once. */
const triggerLife = 3000

export type Trigger = { user: string; channel?: string; view?: string; expires: number; used: boolean }

export interface Views {
  /** A trigger id for something this person just did. */
  trigger: (from: { user: string; channel?: string; view?: string }) => string
  /** Opens a modal: a new stack. Throws `expired_trigger_id`, `exchanged_trigger_id`, `invalid_trigger_id`. */
  open: (triggerId: string, body: ViewBody) => View
  /** Adds to the stack of the view that the trigger came from. Throws `push_limit_reached`. */
  push: (triggerId: string, body: ViewBody) => View
  /** Throws `not_found`, `hash_conflict`. */
  update: (which: { view_id?: string | undefined; external_id?: string | undefined; hash?: string | undefined }, body: ViewBody) => View
  publish: (user: string, body: ViewBody, hash: string | undefined) => View
  /** The open modals of one person, root first. */
  stack: (user: string) => View[]
  /** Puts a view on top of another (response_action push). */
  onTop: (view: View, body: ViewBody) => View
  replace: (view: View, body: ViewBody) => View
  /** Removes one view, or with `all` the whole stack. Returns what was removed. */
  close: (view: View, all: boolean) => View[]
}

const ided = (body: ViewBody): ViewBody => {
  const blocks: Block[] = withIds(body.blocks)
  return body.type === 'modal' ? { ...body, blocks } : { ...body, blocks }
}

/** The modals and home views of the workspace, and the triggers that open them. */
export const createViews = (workspace: Workspace): Views => {
  const triggers = new Map<string, Trigger>()
  const hash = () => `${workspace.nextTs()}.${Math.random().toString(36).slice(2, 10)}`
  const checkSize = (body: ViewBody) => {
    if (Buffer.byteLength(JSON.stringify(body)) > maxBytes) throw new Refused('view_too_large')
  }
  const checkExternal = (body: ViewBody, own?: string) => {
    if (body.external_id && workspace.views().some((one) => one.body.external_id === body.external_id && one.id !== own))
      throw new Refused('duplicate_external_id')
  }
  const use = (id: string): Trigger => {
    const trigger = triggers.get(id)
    if (!trigger) throw new Refused('invalid_trigger_id')
    if (trigger.used) throw new Refused('exchanged_trigger_id')
    if (workspace.now() > trigger.expires) throw new Refused('expired_trigger_id')
    trigger.used = true
    return trigger
  }
  const stack = (user: string) => {
    const mine = workspace.views().filter((one) => one.user === user && one.body.type === 'modal')
    const ordered: View[] = []
    for (let next = mine.find((one) => one.previous === undefined); next; next = mine.find((one) => one.previous === ordered.at(-1)?.id)) ordered.push(next)
    return ordered
  }
  const close = (view: View, all: boolean) => {
    const whole = stack(view.user)
    const from = all ? 0 : whole.findIndex((one) => one.id === view.id)
    const gone = from < 0 ? [] : whole.slice(from)
    for (const one of gone.reverse()) workspace.removeView(one.id)
    return gone
  }
  const onTop = (view: View, body: ViewBody) => {
    if (stack(view.user).length >= maxStack) throw new Refused('push_limit_reached')
    checkSize(body)
    checkExternal(body)
    const made: View = {
      id: workspace.nextId('V'),
      user: view.user,
      body: ided(body),
      hash: hash(),
      root: view.root,
      previous: view.id,
      ...(view.channel ? { channel: view.channel } : {}),
    }
    workspace.putView(made)
    return made
  }
  const replace = (view: View, body: ViewBody) => {
    checkSize(body)
    checkExternal(body, view.id)
    const made = { ...view, body: ided(body), hash: hash() }
    workspace.putView(made)
    return made
  }
  return {
    stack,
    close,
    onTop,
    replace,
    trigger: (from) => {
      for (const [id, old] of triggers) if (workspace.now() > old.expires + 60_000) triggers.delete(id)
      const id = `${workspace.nextTs().replace('.', '')}.${workspace.team.id.length}.${Math.random().toString(16).slice(2)}`
      triggers.set(id, { ...from, expires: workspace.now() + triggerLife, used: false })
      return id
    },
    open: (triggerId, body) => {
      checkSize(body)
      checkExternal(body)
      const { user, channel } = use(triggerId)
      for (const old of stack(user).slice(0, 1)) close(old, true)
      const id = workspace.nextId('V')
      const made: View = { id, user, body: ided(body), hash: hash(), root: id, ...(channel ? { channel } : {}) }
      workspace.putView(made)
      return made
    },
    push: (triggerId, body) => {
      checkSize(body)
      const { view } = use(triggerId)
      const below = view === undefined ? undefined : workspace.view(view)
      if (!below) throw new Refused('not_found')
      const top = stack(below.user).at(-1)
      return onTop(top ?? below, body)
    },
    update: ({ view_id, external_id, hash: expected }, body) => {
      const found = workspace.views().find((one) => (view_id ? one.id === view_id : one.body.external_id === external_id))
      if (!found) throw new Refused('not_found')
      if (expected !== undefined && expected !== found.hash) throw new Refused('hash_conflict')
      return replace(found, body)
    },
    publish: (user, body, expected) => {
      const found = workspace.views().find((one) => one.user === user && one.body.type === 'home')
      if (found && expected !== undefined && expected !== found.hash) throw new Refused('hash_conflict')
      if (found) return replace(found, body)
      const id = workspace.nextId('V')
      const made: View = { id, user, body: ided(body), hash: hash(), root: id }
      workspace.putView(made)
      return made
    },
  }
}

/** A view as Slack sends it: docs.slack.dev reference/interaction-payloads/view-interactions-payload. */
export const viewShape = (workspace: Workspace, view: View, values: Record<string, Record<string, unknown>> = {}) => ({
  id: view.id,
  team_id: workspace.team.id,
  type: view.body.type,
  blocks: view.body.blocks,
  private_metadata: view.body.private_metadata ?? '',
  callback_id: view.body.callback_id ?? '',
  external_id: view.body.external_id ?? '',
  state: { values },
  hash: view.hash,
  ...(view.body.type === 'modal'
    ? {
        title: view.body.title,
        close: view.body.close ?? null,
        submit: view.body.submit ?? null,
        clear_on_close: view.body.clear_on_close ?? false,
        notify_on_close: view.body.notify_on_close ?? false,
      }
    : {}),
  previous_view_id: view.previous ?? null,
  root_view_id: view.root,
  app_id: workspace.bot.appId,
  app_installed_team_id: workspace.team.id,
  bot_id: workspace.bot.botId,
})

import { useEffect, useRef, useState } from 'preact/hooks'
import { uploadLimit } from '../upload-limits.ts'
import { AttachedFiles } from './attached-files.tsx'
import { attach, unsendable } from './attachments.ts'
import { Icon } from './icons.tsx'
import { act, useLive, type Live } from './live.ts'
import { explain } from './surface.ts'
import { upload } from './upload.ts'

type Offer = { key: string; insert: string; title: string; note: string }

const filling: { at?: (me: string, channel: string, text: string) => void } = {}
/** Puts text into the composer that this person has in a channel, and the cursor behind it. */
export const fillComposer = (me: string, channel: string, text: string): void => filling.at?.(me, channel, text)

const offersFor = (text: string, { snapshot }: Live): Offer[] => {
  if (!snapshot) return []
  if (/^\/\S*$/.test(text)) {
    const all = [
      ...snapshot.commands.map((one) => ({ command: one.command, hint: one.usageHint ?? '', what: one.description })),
      { command: '/invite', hint: '@someone', what: 'Add somebody to this channel' },
    ]
    return all
      .filter((one) => one.command.startsWith(text))
      .map((one) => ({ key: one.command, insert: `${one.command} `, title: `${one.command} ${one.hint}`, note: one.what }))
  }
  const typed = /(?:^|\s)@([\p{L}\p{N}._-]*)$/u.exec(text)?.[1]
  if (typed === undefined) return []
  return snapshot.people
    .filter((one) => !one.deactivated && (one.name.startsWith(typed.toLowerCase()) || (one.realName ?? '').toLowerCase().startsWith(typed.toLowerCase())))
    .slice(0, 6)
    .map((one) => ({ key: one.id, insert: `${text.slice(0, text.length - typed.length)}${one.name} `, title: one.realName ?? one.name, note: `@${one.name}` }))
}

const historyKey = (me: string) => `slipway:typed:${me}`
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === 'string')
const typedBefore = (me: string): string[] => {
  const value: unknown = JSON.parse(localStorage.getItem(historyKey(me)) ?? '[]')
  return isTexts(value) ? value : []
}
const remember = (me: string, text: string) =>
  localStorage.setItem(historyKey(me), JSON.stringify([text, ...typedBefore(me).filter((one) => one !== text)].slice(0, 50)))

/** Where people type: messages with files, slash commands with their hints, mentions; arrow up brings back what was typed before. */
export const Composer = ({ channel, thread }: { channel: string; thread?: string }) => {
  const live = useLive()
  const { snapshot, me, connection } = live
  const [drafts, setDrafts] = useState<Record<string, string>>({})
  const [attached, setAttached] = useState<Record<string, readonly File[]>>({})
  const [chosen, setChosen] = useState(0)
  const [hidden, setHidden] = useState(false)
  const [past, setPast] = useState(-1)
  const [busy, setBusy] = useState(0)
  const [problem, setProblem] = useState<string>()
  const field = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const place = `${me} ${channel} ${thread ?? ''}`
  const text = drafts[place] ?? ''
  const files = attached[place] ?? []
  const offers = hidden ? [] : offersFor(text, live)
  const command = snapshot?.commands.find((one) => text === one.command || text.startsWith(`${one.command} `))
  const put = (value: string) => {
    setDrafts((before) => ({ ...before, [place]: value }))
    setChosen(0)
    setHidden(false)
    setProblem(undefined)
  }
  useEffect(() => {
    if (thread === undefined) {
      filling.at = (who, where, value) => {
        setDrafts((before) => ({ ...before, [`${who} ${where} `]: value }))
        // After the channel of the text is on the page.
        setTimeout(() => field.current?.focus(), 30)
      }
    }
  }, [thread])
  useEffect(() => {
    const node = field.current
    if (!node) return
    node.style.height = 'auto'
    node.style.height = `${Math.min(node.scrollHeight, 220)}px`
  }, [text, place])
  const info = snapshot?.channels.find((one) => one.id === channel)
  if (!info) return null
  if (info.archived) return <p class="composer-note">#{info.name} is archived.</p>
  if (info.im && snapshot?.readOnlyMessages)
    return <p class="composer-note">Sending messages to this app has been turned off. Type its commands in a channel.</p>

  const send = async () => {
    const typed = text.trim()
    if (typed === '' && files.length === 0) return
    const wrong = unsendable(typed, files.length, snapshot?.bot.name ?? '')
    if (wrong !== undefined) return setProblem(wrong)
    setDrafts((before) => ({ ...before, [place]: '' }))
    setAttached((before) => ({ ...before, [place]: [] }))
    setPast(-1)
    setProblem(undefined)
    if (typed !== '') remember(me, typed)
    setBusy((count) => count + 1)
    const shared = { as: me, channel, text: typed, ...(thread === undefined ? {} : { thread }) }
    try {
      const uploads = await Promise.all(files.map((file) => upload(me, file)))
      const given = uploads.length === 0 ? {} : { files: uploads.map(({ id }) => id) }
      await act(typed.startsWith('/') ? { do: 'command', ...shared } : { do: 'say', ...shared, ...given })
    } catch (error) {
      setProblem(explain(error))
      setDrafts((before) => ({ ...before, [place]: (before[place] ?? '') === '' ? typed : (before[place] ?? '') }))
      setAttached((before) => ({ ...before, [place]: (before[place] ?? []).length === 0 ? files : (before[place] ?? []) }))
    }
    setBusy((count) => count - 1)
  }
  const pick = (more: FileList | null) => {
    const next = attach(files, [...(more ?? [])])
    setAttached((before) => ({ ...before, [place]: next.files }))
    setProblem(next.problem)
    field.current?.focus()
  }
  const drop = (file: File) => {
    setAttached((before) => ({ ...before, [place]: files.filter((one) => one !== file) }))
    setProblem(undefined)
    field.current?.focus()
  }
  const take = (offer: Offer | undefined) => {
    if (!offer) return
    put(offer.insert)
    field.current?.focus()
  }
  const recall = (step: number) => {
    const all = typedBefore(me)
    const next = Math.max(-1, Math.min(all.length - 1, past + step))
    setPast(next)
    setDrafts((before) => ({ ...before, [place]: all[next] ?? '' }))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return
    if (offers.length > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault()
      return setChosen((chosen + (event.key === 'ArrowDown' ? 1 : -1) + offers.length) % offers.length)
    }
    if (offers.length > 0 && (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey && offers[chosen]?.insert.trim() !== text.trim()))) {
      event.preventDefault()
      return take(offers[chosen])
    }
    if (event.key === 'Escape' && offers.length > 0) return setHidden(true)
    if (event.key === 'ArrowUp' && (text === '' || past >= 0)) {
      event.preventDefault()
      return recall(1)
    }
    if (event.key === 'ArrowDown' && past >= 0) {
      event.preventDefault()
      return recall(-1)
    }
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      void send()
    }
    return undefined
  }
  const listId = thread === undefined ? 'offers' : 'offers-thread'
  const name = info.im ? info.name : `#${info.name}`
  return (
    <div class="composer-area">
      {offers.length > 0 && (
        <div class="offers" role="listbox" id={listId} aria-label="Suggestions">
          {offers.map((offer, index) => (
            <button
              key={offer.key}
              type="button"
              role="option"
              id={`${listId}-${index}`}
              aria-selected={index === chosen}
              class={`offer${index === chosen ? ' is-chosen' : ''}`}
              tabIndex={-1}
              onMouseDown={(event) => {
                event.preventDefault()
                take(offer)
              }}
            >
              <strong>{offer.title}</strong>
              <span class="muted">{offer.note}</span>
            </button>
          ))}
        </div>
      )}
      {files.length > 0 && <AttachedFiles files={files} onRemove={drop} />}
      <div class="composer">
        <button
          type="button"
          class="icon-button"
          aria-label="Attach a file"
          title={`Attach a file. ${uploadLimit}`}
          data-testid={thread === undefined ? 'attach' : 'thread-attach'}
          onClick={() => picker.current?.click()}
        >
          <Icon name="attach" />
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          data-testid={thread === undefined ? 'attach-input' : 'thread-attach-input'}
          onChange={(event) => {
            pick(event.currentTarget.files)
            // The same file may be chosen again after it was removed.
            event.currentTarget.value = ''
          }}
        />
        <textarea
          ref={field}
          rows={1}
          value={text}
          data-testid={thread === undefined ? 'composer' : 'thread-composer'}
          aria-label={thread === undefined ? `Message ${name}` : 'Reply in thread'}
          placeholder={thread === undefined ? `Message ${name}` : 'Reply …'}
          aria-controls={offers.length > 0 ? listId : undefined}
          aria-activedescendant={offers.length > 0 ? `${listId}-${chosen}` : undefined}
          onInput={(event) => {
            setPast(-1)
            put(event.currentTarget.value)
          }}
          onKeyDown={onKeyDown}
        />
        <button
          type="button"
          class="send"
          aria-label="Send"
          data-testid={thread === undefined ? 'send' : 'thread-send'}
          disabled={(text.trim() === '' && files.length === 0) || connection === 'lost'}
          onClick={() => void send()}
        >
          {busy > 0 ? <span class="spinner" aria-hidden="true" /> : <Icon name="send" />}
        </button>
      </div>
      <p class={`composer-foot${problem !== undefined ? ' is-problem' : command ? '' : ' is-idle'}`} role={problem === undefined ? undefined : 'alert'}>
        {problem ??
          (command ? (
            <>
              <code>{command.command}</code> {command.usageHint}
            </>
          ) : (
            <>
              <b>Enter</b> to send · <b>↑</b> for what you typed before · <b>/</b> for commands
            </>
          ))}
      </p>
    </div>
  )
}

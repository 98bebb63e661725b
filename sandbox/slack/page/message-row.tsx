import { useEffect, useRef, useState } from 'preact/hooks'
import type { FormValues, Given } from '../element-values.ts'
import type { Ephemeral, Message } from '../records.ts'
import { glyphOf } from '../emoji.ts'
import { plainMessage } from '../plain-text.ts'
import { Avatar } from './avatar.tsx'
import { Blocks } from './blocks-view.tsx'
import { Icon } from './icons.tsx'
import { act, goTo, useLive } from './live.ts'
import { Mrkdwn } from './mrkdwn-view.tsx'
import { SharedFiles } from './shared-files.tsx'
import { SurfaceContext } from './surface.ts'
import { clock, fullTime } from './times.ts'

export type Entry = { kind: 'message'; message: Message } | { kind: 'ephemeral'; ephemeral: Ephemeral }

export const tsOf = (entry: Entry): string => (entry.kind === 'message' ? entry.message.ts : entry.ephemeral.ts)
export const authorOf = (entry: Entry): string => (entry.kind === 'message' ? entry.message.user : entry.ephemeral.from)

const Content = ({ channel, ts, text, blocks, edited }: { channel: string; ts: string; text: string; blocks: Message['blocks']; edited: boolean }) => {
  const [values, setValues] = useState<FormValues>({})
  const set = (block: string, action: string, given: Given) => setValues((before) => ({ ...before, [block]: { ...before[block], [action]: given } }))
  const mark = edited && <span class="edited"> (edited)</span>
  return (
    <SurfaceContext.Provider value={{ target: { kind: 'message', channel, ts }, values, set, errors: {}, clearError: () => undefined }}>
      {blocks && blocks.length > 0 ? (
        <>
          <Blocks blocks={blocks} />
          {mark}
        </>
      ) : (
        text !== '' && (
          <div class="message-text">
            <Mrkdwn text={text} />
            {mark}
          </div>
        )
      )}
    </SurfaceContext.Provider>
  )
}

const ReplyBar = ({ message }: { message: Message }) => {
  const { snapshot, me } = useLive()
  const replies = (snapshot?.messages ?? []).filter((one) => one.channel === message.channel && one.thread === message.ts)
  const last = replies.at(-1)
  // Slack counts only what it stores; an answer that only you see in a thread is not a reply.
  const whispered = (snapshot?.ephemerals ?? []).some((one) => one.thread === message.ts && one.to === me)
  if (!last && !whispered) return null
  const writers = [...new Set(replies.map((one) => one.user))].slice(0, 3)
  return (
    <button type="button" class="reply-bar" data-testid="replies" onClick={() => goTo(message.channel, message.ts)}>
      {writers.map((id) => (
        <Avatar key={id} id={id} person={snapshot?.people.find((one) => one.id === id)} size={22} />
      ))}
      <strong>{replies.length === 1 ? '1 reply' : `${replies.length} replies`}</strong>
      {last && <span class="muted">Last reply {clock(last.ts)}</span>}
    </button>
  )
}

const Broadcast = ({ message }: { message: Message }) => {
  const { snapshot } = useLive()
  const parent = snapshot?.messages.find((one) => one.channel === message.channel && one.ts === message.thread)
  const names = {
    user: (id: string) => snapshot?.people.find((one) => one.id === id)?.name ?? id,
    channel: (id: string) => snapshot?.channels.find((one) => one.id === id)?.name ?? id,
  }
  const about = parent ? plainMessage({ text: parent.text === '' ? plainMessage(parent, names) : parent.text }, names) : 'a message'
  return (
    <p class="broadcast">
      replied to a thread:{' '}
      <button type="button" class="link" onClick={() => goTo(message.channel, message.thread)}>
        {about.length > 90 ? `${about.slice(0, 90)}…` : about}
      </button>
    </p>
  )
}

/** One message or ephemeral. `compact` leaves out the author when it follows one of the same. */
export const Row = ({ entry, compact, inThread }: { entry: Entry; compact: boolean; inThread: boolean }) => {
  const { snapshot, me, highlight } = useLive()
  const row = useRef<HTMLElement>(null)
  const [ts, author] = [tsOf(entry), authorOf(entry)]
  const lit = highlight === ts
  useEffect(() => {
    if (lit) row.current?.scrollIntoView({ block: 'center' })
  }, [lit])
  const person = snapshot?.people.find((one) => one.id === author)
  const name = author === 'USLACKBOT' ? 'Slackbot' : (person?.realName ?? person?.name ?? author)
  const content = entry.kind === 'message' ? entry.message : entry.ephemeral
  const message = entry.kind === 'message' ? entry.message : undefined
  if (message?.subtype) {
    return (
      <p class="system-line" data-testid="message" data-ts={ts}>
        <Mrkdwn text={message.text} /> <time class="muted">{clock(ts)}</time>
      </p>
    )
  }
  const whispered = entry.kind === 'ephemeral'
  const classes = ['message', compact ? 'compact' : '', whispered ? 'whispered' : '', lit ? 'lit' : ''].filter((one) => one !== '').join(' ')
  return (
    <article class={classes} ref={row} data-testid="message" data-ts={ts} data-kind={entry.kind} aria-label={`${name}, ${clock(ts)}`}>
      {whispered && (
        <p class="only-you">
          <Icon name="eye" size={14} /> Only visible to you
        </p>
      )}
      <div class="gutter">
        {compact ? (
          <time class="hover-time" title={fullTime(ts)}>
            {clock(ts)}
          </time>
        ) : (
          <Avatar id={author} person={person} />
        )}
      </div>
      <div class="message-body">
        {!compact && (
          <p class="byline">
            <strong>{name}</strong>
            {person?.bot && <span class="app-tag">APP</span>}
            <time title={fullTime(ts)} dateTime={new Date(Number(ts) * 1000).toISOString()}>
              {clock(ts)}
            </time>
          </p>
        )}
        {message?.broadcast && !inThread && <Broadcast message={message} />}
        {message?.broadcast && inThread && <p class="broadcast">Also sent to the channel</p>}
        <Content channel={content.channel} ts={ts} text={content.text} blocks={content.blocks} edited={message?.edited !== undefined} />
        {message?.files && <SharedFiles ids={message.files} />}
        {message?.reactions && (
          <div class="reactions">
            {message.reactions.map((one) => (
              <span key={one.name} class="reaction">
                {glyphOf(one.name) ?? `:${one.name}:`} {one.users.length}
              </span>
            ))}
          </div>
        )}
        {message && !inThread && message.thread === undefined && <ReplyBar message={message} />}
      </div>
      <div class="message-tools">
        {whispered ? (
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            title="Dismiss"
            data-testid="dismiss"
            onClick={() => void act({ do: 'dismiss', as: me, channel: content.channel, ts }).catch((error: unknown) => console.error(error))}
          >
            <Icon name="close" size={16} />
          </button>
        ) : (
          !inThread && (
            <button
              type="button"
              class="icon-button"
              aria-label="Reply in thread"
              title="Reply in thread"
              data-testid="open-thread"
              onClick={() => goTo(content.channel, message?.thread ?? ts)}
            >
              <Icon name="reply" size={16} />
            </button>
          )
        )}
      </div>
    </article>
  )
}

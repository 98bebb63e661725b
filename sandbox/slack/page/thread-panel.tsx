import { Composer } from './composer.tsx'
import { Icon } from './icons.tsx'
import { update, useLive } from './live.ts'
import { useFollowing } from './message-list.tsx'
import { Row, tsOf, type Entry } from './message-row.tsx'

/** A thread: its first message, its replies, and what only this person sees in it. */
export const ThreadPanel = ({ channel, thread }: { channel: string; thread: string }) => {
  const { snapshot, me } = useLive()
  const parent = snapshot?.messages.find((one) => one.channel === channel && one.ts === thread)
  const replies: Entry[] = [
    ...(snapshot?.messages ?? []).filter((one) => one.channel === channel && one.thread === thread).map((message) => ({ kind: 'message' as const, message })),
    ...(snapshot?.ephemerals ?? [])
      .filter((one) => one.channel === channel && one.thread === thread)
      .map((ephemeral) => ({ kind: 'ephemeral' as const, ephemeral })),
  ].sort((a, b) => (tsOf(a) < tsOf(b) ? -1 : 1))
  const last = replies.at(-1)
  const { box, onScroll } = useFollowing(last ? tsOf(last) : '', `${me} ${channel} ${thread}`)
  const count = replies.filter((one) => one.kind === 'message').length
  const name = snapshot?.channels.find((one) => one.id === channel)?.name ?? ''
  return (
    <aside class="thread" data-testid="thread-panel" aria-label="Thread">
      <header class="pane-head">
        <h2>
          Thread <small class="muted"># {name}</small>
        </h2>
        <button type="button" class="icon-button" aria-label="Close thread" data-testid="close-thread" onClick={() => update({ thread: undefined })}>
          <Icon name="close" />
        </button>
      </header>
      <div class="message-list" ref={box} onScroll={onScroll} role="log" aria-label="Replies" tabIndex={0}>
        <div class="message-stack">
          {parent ? <Row entry={{ kind: 'message', message: parent }} compact={false} inThread /> : <p class="empty">This message was deleted.</p>}
          {count > 0 && (
            <div class="reply-count">
              <span>{count === 1 ? '1 reply' : `${count} replies`}</span>
            </div>
          )}
          {replies.map((entry) => (
            <Row key={`${entry.kind} ${tsOf(entry)}`} entry={entry} compact={false} inThread />
          ))}
        </div>
      </div>
      <Composer channel={channel} thread={thread} />
    </aside>
  )
}

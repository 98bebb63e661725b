import { useEffect, useRef, useState } from 'preact/hooks'
import { markRead, useLive } from './live.ts'
import { authorOf, Row, tsOf, type Entry } from './message-row.tsx'
import { dayOf } from './times.ts'

/** Messages of the same author within five minutes stand together. */
const together = 300

const joins = (before: Entry | undefined, entry: Entry) =>
  before !== undefined &&
  before.kind === 'message' &&
  entry.kind === 'message' &&
  authorOf(before) === authorOf(entry) &&
  Number(tsOf(entry)) - Number(tsOf(before)) < together &&
  !entry.message.broadcast &&
  !entry.message.blocks &&
  !entry.message.subtype &&
  !before.message.subtype

/** Scrolls along with what arrives, as long as its reader is at the end. */
export const useFollowing = (marker: string, place: string) => {
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const [away, setAway] = useState(false)
  const onScroll = () => {
    const node = box.current
    if (!node) return
    atEnd.current = node.scrollHeight - node.scrollTop - node.clientHeight < 80
    setAway(!atEnd.current)
  }
  const toEnd = () => {
    const node = box.current
    if (node) node.scrollTop = node.scrollHeight
  }
  useEffect(() => {
    atEnd.current = true
    toEnd()
  }, [place])
  useEffect(() => {
    if (atEnd.current) toEnd()
  }, [marker])
  useEffect(() => {
    const node = box.current?.firstElementChild
    if (!node) return undefined
    // A card that grows (progress lines, a reply bar) moves the end as a new message does; so does a guide that takes more room.
    const watcher = new ResizeObserver(() => atEnd.current && toEnd())
    watcher.observe(node)
    if (box.current) watcher.observe(box.current)
    return () => watcher.disconnect()
  }, [place])
  return { box, onScroll, away, toEnd }
}

/** What stands in a channel: messages, broadcast replies, and what only this person sees. */
export const MessageList = ({ channel }: { channel: string }) => {
  const live = useLive()
  const { snapshot } = live
  const entries: Entry[] = [
    ...(snapshot?.messages ?? [])
      .filter((one) => one.channel === channel && (one.thread === undefined || one.broadcast))
      .map((message) => ({ kind: 'message' as const, message })),
    ...(snapshot?.ephemerals ?? [])
      .filter((one) => one.channel === channel && one.thread === undefined)
      .map((ephemeral) => ({ kind: 'ephemeral' as const, ephemeral })),
  ].sort((a, b) => (tsOf(a) < tsOf(b) ? -1 : 1))
  const last = entries.at(-1)
  const marker = last ? tsOf(last) : ''
  const { box, onScroll, away, toEnd } = useFollowing(`${marker} ${entries.length}`, `${live.me} ${channel}`)
  const newest = (snapshot?.messages ?? []).filter((one) => one.channel === channel).at(-1)?.ts
  useEffect(() => {
    if (newest !== undefined && document.visibilityState === 'visible') markRead(channel, newest)
  }, [channel, newest, live.me])
  return (
    <div class="list-frame">
      <div
        class="message-list" ref={box} onScroll={onScroll} role="log" aria-label="Messages" aria-busy={live.connection === 'opening'} tabIndex={0}
        data-testid="messages"
      >
        <div class="message-stack">
          {entries.length === 0 && (
            <p class="empty">
              Nothing here yet. Say something, or type <code>/convox help</code>.
            </p>
          )}
          {entries.map((entry, index) => {
            const before = entries[index - 1]
            const newDay = !before || dayOf(tsOf(before)) !== dayOf(tsOf(entry))
            return (
              <div key={`${entry.kind} ${tsOf(entry)}`}>
                {newDay && (
                  <div class="day">
                    <span>{dayOf(tsOf(entry))}</span>
                  </div>
                )}
                <Row entry={entry} compact={!newDay && joins(before, entry)} inThread={false} />
              </div>
            )
          })}
        </div>
      </div>
      {away && (
        <button type="button" class="to-end" onClick={toEnd}>
          ↓ Newest messages
        </button>
      )}
    </div>
  )
}

import type { ComponentChildren } from 'preact'
import type { RichInline, RichPart } from '../blocks/rich-text.ts'
import type { TextObject } from '../blocks/text.ts'
import { glyphOf } from '../emoji.ts'
import { parseMrkdwn, type Piece } from '../mrkdwn.ts'
import { formatSlackDate } from '../slack-dates.ts'
import { goTo, useLive } from './live.ts'

const emojiOnly = /(\p{Extended_Pictographic}\uFE0F?)/u

const Mention = ({ id }: { id: string }) => {
  const { snapshot, me } = useLive()
  const person = snapshot?.people.find((one) => one.id === id)
  return <span class={`mention${id === me ? ' mention-me' : ''}`}>@{person?.name ?? id}</span>
}

const ChannelLink = ({ id, label }: { id: string; label?: string | undefined }) => {
  const { snapshot } = useLive()
  const channel = snapshot?.channels.find((one) => one.id === id)
  return channel ? (
    <button type="button" class="channel-link" onClick={() => goTo(id)}>
      #{channel.name}
    </button>
  ) : (
    <span class="mention">#{label ?? id}</span>
  )
}

/** A link; one to a message of this workspace opens it here. */
const Link = ({ url, children }: { url: string; children: ComponentChildren }) => {
  const { snapshot } = useLive()
  const own = /^https:\/\/[^/]+\.slack\.com\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})(?:\?thread_ts=([\d.]+))?/.exec(url)
  if (own && snapshot && url.startsWith(`https://${snapshot.team.domain}.slack.com/`)) {
    const [, channel = '', seconds = '', micros = '', thread] = own
    return (
      <a
        href={url}
        onClick={(event) => {
          event.preventDefault()
          goTo(channel, thread, `${seconds}.${micros}`)
        }}
      >
        {children}
      </a>
    )
  }
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {children}
    </a>
  )
}

const SlackDate = ({ seconds, format, fallback, url }: { seconds: number; format: string; fallback: string; url?: string | undefined }) => {
  const shown = formatSlackDate(seconds, format) ?? fallback
  const time = (
    <time dateTime={new Date(seconds * 1000).toISOString()} title={new Date(seconds * 1000).toLocaleString()}>
      {shown}
    </time>
  )
  return url === undefined ? time : <Link url={url}>{time}</Link>
}

const Emoji = ({ name }: { name: string }) => {
  const glyph = glyphOf(name)
  return glyph === undefined ? (
    <>:{name}:</>
  ) : (
    <span class="emoji" title={`:${name}:`}>
      {glyph}
    </span>
  )
}

/** Text with its emoji set apart, so that they get their own size and font. */
export const Plain = ({ text }: { text: string }) => (
  <>
    {text.split(emojiOnly).map((part, index) =>
      index % 2 === 1 ? (
        <span key={index} class="emoji">
          {part}
        </span>
      ) : (
        part
      ),
    )}
  </>
)

/** A code block. What a long line continues with is set in, so that one sees where the next begins. */
const Pre = ({ text }: { text: string }) => (
  <pre tabIndex={0}>
    {text.split('\n').map((line, index) => (
      <span key={index} class="pre-line">
        {line === '' ? '\n' : line}
      </span>
    ))}
  </pre>
)

const Pieces = ({ pieces }: { pieces: Piece[] }) => (
  <>
    {pieces.map((piece, index) => (
      <One key={index} piece={piece} />
    ))}
  </>
)

const One = ({ piece }: { piece: Piece }) => {
  switch (piece.kind) {
    case 'text':
      return <Plain text={piece.text} />
    case 'bold':
      return (
        <strong>
          <Pieces pieces={piece.children} />
        </strong>
      )
    case 'italic':
      return (
        <em>
          <Pieces pieces={piece.children} />
        </em>
      )
    case 'strike':
      return (
        <s>
          <Pieces pieces={piece.children} />
        </s>
      )
    case 'quote':
      return (
        <blockquote>
          <Pieces pieces={piece.children} />
        </blockquote>
      )
    case 'code':
      return /^[█░]+$/.test(piece.text) ? <span class="meter">{piece.text}</span> : <code>{piece.text}</code>
    case 'pre':
      return <Pre text={piece.text} />
    case 'link':
      return <Link url={piece.url}>{piece.label}</Link>
    case 'user':
      return <Mention id={piece.id} />
    case 'channel':
      return <ChannelLink id={piece.id} label={piece.label} />
    case 'group':
      return <span class="mention">@{piece.label ?? piece.id}</span>
    case 'broadcast':
      return <span class="mention mention-me">@{piece.range}</span>
    case 'date':
      return <SlackDate seconds={piece.seconds} format={piece.format} fallback={piece.fallback} url={piece.url} />
    case 'emoji':
      return <Emoji name={piece.name} />
    case 'break':
      return <br />
  }
}

/** Slack's mrkdwn, drawn. */
export const Mrkdwn = ({ text }: { text: string }) => <Pieces pieces={parseMrkdwn(text)} />

const shortcodes = (text: string) => text.replaceAll(/:([a-z0-9_+-]+):/g, (whole, name: string) => glyphOf(name) ?? whole)

/** Either kind of text object. */
export const Text = ({ text }: { text: TextObject }) =>
  text.type === 'mrkdwn' ? (
    <Mrkdwn text={text.text} />
  ) : (
    <span class="plain">
      <Plain text={shortcodes(text.text)} />
    </span>
  )

const Inline = ({ part }: { part: RichInline }) => {
  switch (part.type) {
    case 'text': {
      const text = part.style?.code ? <code>{part.text}</code> : <span class="plain">{part.text}</span>
      const bold = part.style?.bold ? <strong>{text}</strong> : text
      const italic = part.style?.italic ? <em>{bold}</em> : bold
      return part.style?.strike ? <s>{italic}</s> : italic
    }
    case 'link':
      return <Link url={part.url}>{part.text ?? part.url}</Link>
    case 'user':
      return <Mention id={part.user_id} />
    case 'channel':
      return <ChannelLink id={part.channel_id} />
    case 'usergroup':
      return <span class="mention">@{part.usergroup_id}</span>
    case 'emoji':
      return <Emoji name={part.name} />
    case 'date':
      return <SlackDate seconds={part.timestamp} format={part.format} fallback={part.fallback ?? ''} url={part.url} />
    case 'broadcast':
      return <span class="mention mention-me">@{part.range}</span>
  }
}

const inlines = (parts: RichInline[]) => parts.map((part, index) => <Inline key={index} part={part} />)

/** One part of a rich text block. */
export const Rich = ({ part }: { part: RichPart }) => {
  switch (part.type) {
    case 'rich_text_section':
      return <div class="rich">{inlines(part.elements)}</div>
    case 'rich_text_preformatted':
      return <pre tabIndex={0}>{inlines(part.elements)}</pre>
    case 'rich_text_quote':
      return <blockquote>{inlines(part.elements)}</blockquote>
    case 'rich_text_list': {
      const rows = part.elements.map((row, index) => <li key={index}>{inlines(row.elements)}</li>)
      return part.style === 'ordered' ? <ol start={(part.offset ?? 0) + 1}>{rows}</ol> : <ul>{rows}</ul>
    }
  }
}

import { useEffect } from 'preact/hooks'
import { Composer } from './composer.tsx'
import { GuidePanel } from './guide-panel.tsx'
import { Icon } from './icons.tsx'
import { MessageList } from './message-list.tsx'
import { Modals } from './modal.tsx'
import { update, useLive } from './live.ts'
import { Sidebar } from './sidebar.tsx'
import { ThreadPanel } from './thread-panel.tsx'

const Banner = () => {
  const { connection, snapshot } = useLive()
  if (connection === 'lost')
    return (
      <p class="banner banner-lost" role="status">
        The sandbox does not answer. Trying again …
      </p>
    )
  if (snapshot && !snapshot.bot.online)
    return (
      <p class="banner" role="status">
        <strong>{snapshot.bot.name} is offline.</strong> Commands and buttons do not reach it until it is back.
      </p>
    )
  return null
}

const Head = () => {
  const { snapshot, channel, me } = useLive()
  const here = snapshot?.channels.find((one) => one.id === channel)
  const person = snapshot?.people.find((one) => one.id === me)
  return (
    <header class="pane-head">
      <button type="button" class="icon-button drawer-open" aria-label="Channels and people" data-testid="menu" onClick={() => update({ drawer: true })}>
        <Icon name="menu" />
      </button>
      <h1>
        {here && !here.im && <Icon name={here.private ? 'lock' : 'hash'} size={17} />}
        {here?.name ?? ''}
      </h1>
      {here?.topic !== undefined && <span class="topic muted">{here.topic}</span>}
      {here && !here.im && <span class="members muted">{here.members.length} members</span>}
      <button type="button" class="me-chip" aria-label={`You are ${person?.realName ?? ''}. Act as somebody else`} onClick={() => update({ drawer: true })}>
        {person?.realName ?? person?.name}
      </button>
    </header>
  )
}

/** The whole page. */
export const App = () => {
  const { snapshot, channel, thread, connection } = useLive()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) =>
      event.key === 'Escape' && !event.defaultPrevented && document.querySelector('[role=dialog]') === null && update({ thread: undefined, drawer: false })
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
  if (!snapshot) return <p class="opening">{connection === 'lost' ? 'The sandbox does not answer. Trying again …' : 'Opening the workspace …'}</p>
  return (
    <div class={`app${thread === undefined ? '' : ' has-thread'}`}>
      <Sidebar />
      <main class="pane">
        <Head />
        <Banner />
        <GuidePanel />
        <MessageList channel={channel} />
        <Composer channel={channel} />
      </main>
      {thread !== undefined && <ThreadPanel channel={channel} thread={thread} />}
      <Modals />
    </div>
  )
}

import type { Person } from '../records.ts'
import { Avatar } from './avatar.tsx'
import { Icon } from './icons.tsx'
import { act, actAs, goTo, unreadIn, update, useLive } from './live.ts'

const Switcher = ({ people }: { people: Person[] }) => {
  const { me } = useLive()
  return (
    <div class="switcher" role="radiogroup" aria-label="Act as">
      <p class="side-title">You are</p>
      {people.map((one) => (
        <button
          key={one.id}
          type="button"
          role="radio"
          aria-checked={one.id === me}
          class={`person${one.id === me ? ' is-me' : ''}`}
          data-testid={`person-${one.id}`}
          onClick={() => actAs(one.id)}
        >
          <Avatar id={one.id} person={one} size={30} />
          <span class="person-name">
            <strong>{one.realName ?? one.name}</strong>
            <small>{one.role ?? `@${one.name}`}</small>
          </span>
          {one.id === me && <Icon name="check" size={16} />}
        </button>
      ))}
    </div>
  )
}

/** Channels, the bot's direct message, and whom one acts as. */
export const Sidebar = () => {
  const live = useLive()
  const { snapshot, channel, me, drawer } = live
  if (!snapshot) return null
  const people = snapshot.people.filter((one) => !one.bot && !one.deactivated)
  const channels = snapshot.channels.filter((one) => !one.im).sort((a, b) => a.name.localeCompare(b.name))
  const direct = snapshot.channels.find((one) => one.im === me)
  const bot = snapshot.people.find((one) => one.id === snapshot.bot.userId)
  const badge = (id: string) => {
    const { count, named } = unreadIn(live, id)
    return {
      bold: count > 0 && id !== channel,
      shown: count > 0 && id !== channel && (
        <span class={`badge${named ? ' badge-named' : ''}`} aria-label={`${count} unread`}>
          {count}
        </span>
      ),
    }
  }
  const openDirect = async () => {
    if (direct) return goTo(direct.id)
    // Opening the app makes the direct message; it arrives with the next snapshot.
    const opened = await act({ do: 'home', as: me })
    return goTo(String(opened['channel']))
  }
  const directBadge = direct ? badge(direct.id) : undefined
  return (
    <>
      {drawer && <div class="scrim" onClick={() => update({ drawer: false })} />}
      <nav class={`sidebar${drawer ? ' is-open' : ''}`} aria-label="Workspace">
        <header class="workspace">
          <span class="workspace-mark" aria-hidden="true">
            <svg viewBox="0 0 32 32">
              <path d="M6 20h20l-3.5 6h-13z" fill="currentColor" />
              <path d="M15 6v12H8zM17 9l7 9h-7z" fill="#ffd166" />
            </svg>
          </span>
          <span class="workspace-name">
            <strong>{snapshot.team.name}</strong>
            <small>
              <i class={`dot${snapshot.bot.online ? ' is-on' : ''}`} />
              {snapshot.bot.name} is {snapshot.bot.online ? 'online' : 'offline'}
            </small>
          </span>
          <button type="button" class="icon-button drawer-close" aria-label="Close menu" onClick={() => update({ drawer: false })}>
            <Icon name="close" />
          </button>
        </header>
        <div class="side-scroll">
          <p class="side-title">Channels</p>
          <ul>
            {channels.map((one) => {
              const { bold, shown } = badge(one.id)
              return (
                <li key={one.id}>
                  <button
                    type="button"
                    class={`channel${one.id === channel ? ' is-here' : ''}${bold ? ' is-bold' : ''}`}
                    aria-current={one.id === channel ? 'page' : undefined}
                    data-testid={`channel-${one.id}`}
                    onClick={() => goTo(one.id)}
                  >
                    <Icon name={one.private ? 'lock' : 'hash'} size={16} />
                    <span>{one.name}</span>
                    {shown}
                  </button>
                </li>
              )
            })}
          </ul>
          <p class="side-title">Apps</p>
          <ul>
            <li>
              <button
                type="button"
                class={`channel${direct && direct.id === channel ? ' is-here' : ''}${directBadge?.bold ? ' is-bold' : ''}`}
                data-testid="channel-bot"
                onClick={() => void openDirect()}
              >
                <Avatar id={snapshot.bot.userId} person={bot} size={18} />
                <span>{snapshot.bot.name}</span>
                <i class={`dot${snapshot.bot.online ? ' is-on' : ''}`} />
                {directBadge?.shown}
              </button>
            </li>
          </ul>
        </div>
        <Switcher people={people} />
      </nav>
    </>
  )
}

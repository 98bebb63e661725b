import type { Person } from '../records.ts'

const colours = ['#c2410c', '#0f766e', '#6d28d9', '#be185d', '#1d4ed8', '#4d7c0f', '#a16207', '#0e7490']

const colourOf = (id: string) => colours[[...id].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 997, 7) % colours.length]

const initials = (person: Person) =>
  (person.realName ?? person.name)
    .split(/\s+/)
    .map((word) => word[0] ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase()

/** Somebody's picture: initials, or a ship for the bot. Decorative: the name stands beside it. */
export const Avatar = ({ person, id, size = 36 }: { person: Person | undefined; id: string; size?: number }) => {
  const bot = person?.bot ?? id === 'USLACKBOT'
  return (
    <span
      class={`avatar${bot ? ' avatar-bot' : ''}`}
      style={{ width: `${size}px`, height: `${size}px`, fontSize: `${size * 0.4}px`, background: bot ? undefined : colourOf(id) }}
      aria-hidden="true"
    >
      {id === 'USLACKBOT' ? (
        <svg viewBox="0 0 36 36">
          <path
            d="M10 14a3 3 0 1 1 6 0v3a3 3 0 1 1-6 0zM20 14a3 3 0 1 1 6 0v3a3 3 0 1 1-6 0zM10 25c4 3.5 12 3.5 16 0"
            fill="none"
            stroke="currentColor"
            stroke-width="2.4"
            stroke-linecap="round"
          />
        </svg>
      ) : bot ? (
        <svg viewBox="0 0 36 36">
          <path d="M6 22h24l-4 7H10z" fill="#fff" />
          <path d="M17 6v14H8zM19 9l8 11h-8z" fill="#ffd166" />
        </svg>
      ) : person ? (
        initials(person)
      ) : (
        '?'
      )}
    </span>
  )
}

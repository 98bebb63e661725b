import type { AppAnnouncement } from '../../rack/app-announcement.ts'
import { section, type Message } from '../blocks.ts'
import { code, day, enumerated, nameOf, person, plain, say, type Names, type Phrase } from './phrase.ts'
import { appOf, everyAppOf } from './promotion-facts.ts'
import { cleanText, cut, cutSentence } from './plain-text.ts'
import { shortDuration } from './times.ts'

/** Which app it is about. */
export interface About { readonly app: string; readonly rack: string; readonly severalRacks: boolean }

/** Everybody an announcement names. */
export const peopleOfAnnouncement = (told: AppAnnouncement): readonly string[] => {
  switch (told.kind) {
    case 'lock_taken': return [told.by, told.from]
    case 'lock_over': return [told.owner]
    case 'passed': return [told.by, ...(told.lock === null ? [] : [told.lock])]
    default: return [told.by]
  }
}

/** Who has to hear of it though its channel does not: whoever lost a lock first, then whoever did it. */
export const whoseAnnouncement = (told: AppAnnouncement): readonly string[] => {
  switch (told.kind) {
    case 'lock_taken': return [told.from, told.by]
    case 'lock_over': return [told.owner]
    default: return [told.by]
  }
}

const reason = (text: string): string => `"${cut(cleanText(text), 120)}"`
const until = (at: string | null): Phrase => (at === null ? say`, no end set` : say` until ${day(new Date(at))}`)
const names = (texts: readonly string[]): Phrase => enumerated(texts.slice(0, 3).map((text) => say`${reason(text)}`), 'and')

/** The mark, what happened, and the rest. Who is named is not notified, but for whose lock was taken over (cards.md 1.8). */
const words = (told: AppAnnouncement, about: About, known: Names): readonly [mark: string, what: Phrase, rest: Phrase] => {
  const app = code(appOf(about))
  const by = (id: string): string => cut(nameOf(id, known), 40)
  switch (told.kind) {
    case 'locked': return ['🔒', told.anew ? say`Locked anew: ${app}` : say`Locked: ${app}`, say`by ${by(told.by)}${until(told.until)}: ${reason(told.reason)}. Promotions of others wait.`]
    case 'unlocked': return ['🔓', say`Unlocked: ${app}`, say`by ${by(told.by)}. What waited for the lock goes on.`]
    case 'lock_taken': return ['🔒', say`Lock taken over: ${app}`, say`${by(told.by)} has the lock of ${person(told.from)} now${until(told.until)}: ${reason(told.reason)}.`]
    case 'lock_over': return ['🔓', say`Unlocked: ${app}`, say`the lock of ${by(told.owner)} is over: ${reason(told.reason)}. What waited for it goes on.`]
    case 'freeze_added': {
      const first = told.now ? say`now` : say`next ${day(new Date(told.next))}`
      return ['🧊', say`Frozen: ${told.everyApp ? everyAppOf(about) : app}`, say`${reason(told.reason)} by ${by(told.by)}, ${code(told.cron)} for ${shortDuration(told.seconds)}, ${told.zone} time; ${first}.`]
    }
    case 'freeze_removed': return ['🧊', say`Not frozen any more: ${told.everyApp ? everyAppOf(about) : app}`, say`${by(told.by)} removed the freeze ${reason(told.reason)}.`]
    case 'freeze_overridden': return ['⚠️', say`Freeze overridden: ${app}`, say`${by(told.by)} lets ${code(told.release)} pass the freeze ${names(told.freezes)}.`]
    case 'passed': {
      const lock = told.lock === null ? [] : [say`the lock of ${by(told.lock)}`]
      const freezes = told.freezes.length === 0 ? [] : [say`the freeze ${names(told.freezes)}`]
      return ['⚠️', say`Rolling back: ${app}`, say`${code(told.release)} of ${by(told.by)} goes back to what was proven before and passes ${enumerated([...lock, ...freezes], 'and')}.`]
    }
  }
}

/** What an app's channel hears of its locks and freezes: one sentence. */
export const appAnnouncement = (told: AppAnnouncement, about: About, known: Names = {}): Message => {
  const [mark, what, rest] = words(told, about, known)
  return { text: cutSentence(plain(say`${what} ${rest}`, known), 200), blocks: [section(say`${mark} *${what}* ${rest}`)] }
}

/** Code points of a reason: it stands on cards, in a channel and in dialogs of at most 300. */
const most = 120

/** A reason as it is kept: on one line, and not longer than the places that show it. By code points: half a character is nothing the database takes. */
export const shortReason = (text: string): string => [...text.replaceAll(/\s+/gu, ' ').trim()].slice(0, most).join('')

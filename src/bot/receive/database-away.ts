import type { ModalView } from '@slack/types'

/** What an acknowledgement says when a delivery could not be kept (reference/cards.md 7, row 26). */
export const databaseAway = 'The database does not answer. Nothing new starts, nothing is lost.\nTry again in a minute.'

/** The same in a modal, in place of the form: what was typed is still in Slack's back button, nothing of it was taken. */
export const databaseAwayView: ModalView = {
  type: 'modal',
  title: { type: 'plain_text', text: 'Not taken' },
  close: { type: 'plain_text', text: 'Close' },
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: databaseAway } }],
}

/**
 * Where a delivery can die. Each name is one write to the database, made around a call to Slack: dying before it means that what came
 * before was done and nobody knows, dying after it that it is known and nothing of what follows was done.
 * - `claim`: the conversation is ours
 * - `card_sending`, `lines_sending`, `notice_sending`: about to be posted. The call to Slack follows
 * - `card_sent`, `lines_sent`, `notice_sent`: Slack answered, the `ts` is kept
 * - `redrawn`: Slack took a redraw of the card
 * - `moved`: the conversation goes on in another channel
 * - `told`: somebody heard by direct message of what could not be said
 * - `buttons_gone`: a last message lost its buttons
 * - `release`: nothing more to say, the conversation is anybody's
 */
export const deliverySteps = [
  'claim', 'card_sending', 'card_sent', 'redrawn', 'lines_sending', 'lines_sent', 'notice_sending', 'notice_sent', 'moved', 'told', 'buttons_gone', 'release',
] as const
export type DeliveryStep = (typeof deliverySteps)[number]

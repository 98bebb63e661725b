/**
 * Slack took an answer in none of the ways there are. What was asked for is done or refused all the same: who catches this never says that
 * it failed.
 */
export class UnsaidError extends Error {
  constructor(cause: unknown) {
    super('Slack did not take an answer', { cause })
    this.name = 'UnsaidError'
  }
}

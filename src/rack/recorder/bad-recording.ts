/** A file that cannot be replayed; the message names the line and says why. */
export class BadRecordingError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'BadRecordingError'
  }
}

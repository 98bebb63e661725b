/** Codes by which Postgres (class 08, 57P) and the network say that the database cannot be asked. */
const awayCodes = /^(?:08\w{3}|57P0[1-4]|53300)$/u
const networkCodes = /^(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|EPIPE|EAI_AGAIN)$/u

/** What the driver says without a code (node-postgres: client.js, pg-pool). */
const awayWords = /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed and is not queryable|Cannot use a pool after calling end)/u

/** The error and what caused it, outermost first. */
const chainOf = (error: unknown): Error[] => {
  const chain: Error[] = []
  for (let at = error; at instanceof Error && chain.length < 8; at = at.cause) chain.push(at)
  return chain
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')

/** True when an error says that the database does not answer; network codes count only underneath a query. Pure. */
export const isDatabaseAway = (error: unknown): boolean => {
  const chain = chainOf(error)
  const ofQuery = chain.some((one) => one.constructor.name === 'DrizzleQueryError')
  return chain.some((one) => awayCodes.test(codeOf(one)) || awayWords.test(one.message) || (ofQuery && networkCodes.test(codeOf(one))))
}

/** Codes by which postgres.js, PGlite, Postgres (class 08, 57P) and the network say that the database cannot be asked. */
const awayCodes = /^(?:CONNECTION_CLOSED|CONNECTION_ENDED|CONNECTION_DESTROYED|CONNECT_TIMEOUT|08\w{3}|57P0[1-4]|53300)$/u
const networkCodes = /^(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT|EPIPE|EAI_AGAIN)$/u

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
  return chain.some((one) => awayCodes.test(codeOf(one)) || (ofQuery && networkCodes.test(codeOf(one))))
}

/** SQLSTATE of the server's error; drivers wrap it as `cause`. */
const stateOf = (error: unknown): string | null => {
  for (let each = error; each instanceof Error; each = each.cause) if ('code' in each && typeof each.code === 'string' && /^[0-9A-Z]{5}$/.test(each.code)) return each.code
  return null
}

/** True when an insert or update broke a unique constraint: somebody else was first. */
export const isUniqueViolation = (error: unknown): boolean => stateOf(error) === '23505'

/** True when another try changes nothing: the data is refused (SQLSTATE classes 22 and 23, PostgreSQL's appendix A). */
export const isDataRefused = (error: unknown): boolean => /^2[23]/.test(stateOf(error) ?? '')

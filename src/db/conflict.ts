/** True when an insert or update broke a unique constraint: somebody else was first. Drivers wrap the server's error as `cause`. */
export const isUniqueViolation = (error: unknown): boolean => {
  for (let each = error; each instanceof Error; each = each.cause) if ('code' in each && each.code === '23505') return true
  return false
}

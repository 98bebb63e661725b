/**
 * Why a text cannot be an env key, or undefined when it can. Convox forbids white space, `=` and control characters; a key also has to be
 * a key of a Secret (`[-._a-zA-Z0-9]`, at most 253: Kubernetes IsConfigMapKey) and, before 1.32, a name that does not begin with a digit.
 */
export const keyProblem = (key: string): string | undefined => {
  if (key === '') return 'it is empty'
  if (/\s/u.test(key)) return 'it holds white space'
  if (key.includes('=')) return 'it holds ='
  if (/\p{Cc}/u.test(key)) return 'it holds a control character'
  if (key.length > 253) return 'it is longer than 253 characters'
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) return 'only letters, digits, dot, dash and underscore may be in it'
  if (/^\d/.test(key)) return 'it begins with a digit'
  return key === '.' || key.startsWith('..') ? 'it begins with dots' : undefined
}

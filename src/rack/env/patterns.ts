const secretWord = '(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)'

const assigned = `(?:"[^"\\n]{1,4096}"|'[^'\\n]{1,4096}'|[^\\s"',;&)}\\]]{1,4096})`

/** `password=…`, `"api_key": "…"`. */
const assignment = new RegExp(`(${secretWord}["']?\\s{0,4}[:=]\\s{0,4})${assigned}`, 'gi')

/** What a secret looks like wherever it comes from. The first group stays, the rest is hidden. Each is linear: no repetition within a repetition. */
const patterns: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
  // Slack, GitHub, GitLab, AWS, Google, Stripe, npm, OpenAI-style, JSON web tokens
  /()\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{10,}/g,
  /()\b(?:gh[a-z]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,})/g,
  /()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /()\bAIza[A-Za-z0-9_-]{30,}/g,
  /()\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}/g,
  /()\b(?:npm_[A-Za-z0-9]{30,}|sk-[A-Za-z0-9_-]{20,})/g,
  /()\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{0,4096}/g,
  // With a digit in it, so that prose ("token signature is invalid") stays readable.
  /(\b(?:Bearer|Basic|Token)\s{1,4})(?=[A-Za-z+/=._~-]{0,256}\d)[A-Za-z0-9+/=._~-]{8,}/gi,
  /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@]{0,256}:)[^\s/@]{1,1024}(?=@)/gi,
  assignment,
]

/** Hides what looks like a well-known secret, keeping the word in front of it. */
export const maskPatterns = (text: string, mask: string): string =>
  patterns.reduce((result, pattern) => result.replace(pattern, (_whole, kept: string) => `${kept}${mask}`), text)

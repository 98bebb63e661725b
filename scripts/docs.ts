import { writeFileSync } from 'node:fs'
import { rolloutsDoc } from './rollouts-doc.ts'

/* npm run docs: writes what is generated from the code. */
writeFileSync(new URL('../docs/rollouts.md', import.meta.url), rolloutsDoc())

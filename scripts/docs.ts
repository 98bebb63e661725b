import { readFileSync, writeFileSync } from 'node:fs'
import { slackManifest } from '../src/bot/slack-manifest.ts'
import { readmeWithTables } from './readme-tables.ts'
import { rolloutsDoc } from './rollouts-doc.ts'

/* npm run docs: writes what is generated from the code. */
const rewrite = (file: string, text: (before: string) => string): void => {
  const path = new URL(`../${file}`, import.meta.url)
  writeFileSync(path, text(readFileSync(path, 'utf8')))
}

rewrite('docs/rollouts.md', rolloutsDoc)
rewrite('README.md', readmeWithTables)
rewrite('manifest.yml', () => slackManifest('socket'))
rewrite('manifest-http.yml', () => slackManifest('http'))

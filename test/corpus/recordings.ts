import { fileURLToPath } from 'node:url'

/** Where the recorded watch of a scenario is kept: gzipped JSON lines. `npm run soak -- --record` makes them anew. */
export const recordingFile = (name: string): string => fileURLToPath(new URL(`../recordings/corpus/${name}.jsonl.gz`, import.meta.url))

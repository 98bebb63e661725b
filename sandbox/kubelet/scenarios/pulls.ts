import type { Scenario } from '../scenario.ts'
import { goodRun } from './good.ts'

export const badimage: Scenario = {
  tag: 'badimage',
  what: 'The image is there when it is imported and gone when the node pulls it: not found.',
  pull: 'absent',
  runs: [goodRun],
}

export const denied: Scenario = { tag: 'denied', what: 'The registry refuses the node: it has no credentials for this image.', pull: 'denied', runs: [goodRun] }

export const pulllimit: Scenario = {
  tag: 'pulllimit',
  what: 'The registry answers 429 Too Many Requests for 20 seconds, then lets the image through.',
  pull: { limitedFor: 20_000 },
  runs: [goodRun],
}

import { judge } from '../../../../src/rack/rollout/judge.ts'
import type { Cause } from '../../../../src/rack/cause.ts'
import type { RolloutFacts } from '../../../../src/rack/rollout/rollout-facts.ts'
import { at } from '../cluster-objects.ts'

/** The second at which it fails, by its own wake-up calls, and with what; undefined when only the app's deadline ends it. */
export const fails = (facts: RolloutFacts, from: number): { after: number; kind: string; cause: Cause } | undefined => {
  let now = at(from)
  for (let looks = 0; looks < 50; looks += 1) {
    const verdict = judge(facts, now)
    if (verdict.kind === 'failed') {
      const [cause] = verdict.causes
      return cause.rule === 'deadline' ? undefined : { after: (now.getTime() - at(0).getTime()) / 1000, kind: cause.kind, cause }
    }
    if (verdict.kind === 'undecided' || verdict.nextLookAt === null) return undefined
    now = verdict.nextLookAt
  }
  throw new Error('the judge asks to be woken for ever')
}

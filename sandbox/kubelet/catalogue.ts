import { imageReference } from './image-reference.ts'
import type { Scenario } from './scenario.ts'
import { chatty } from './scenarios/chatty.ts'
import { crash } from './scenarios/crash.ts'
import { flap } from './scenarios/flap.ts'
import { good } from './scenarios/good.ts'
import { leak } from './scenarios/leak.ts'
import { liveness } from './scenarios/liveness.ts'
import { notready } from './scenarios/notready.ts'
import { oom } from './scenarios/oom.ts'
import { badimage, denied, pulllimit } from './scenarios/pulls.ts'
import { slow } from './scenarios/slow.ts'
import { badcommand, initfails, missingsecret, missingvolume, once } from './scenarios/starts.ts'

/** Every scripted behaviour, in the order in which a page should offer them. */
export const scenarios: readonly Scenario[] = [
  good,
  slow,
  crash,
  once,
  flap,
  oom,
  notready,
  liveness,
  badimage,
  denied,
  pulllimit,
  badcommand,
  missingsecret,
  missingvolume,
  initfails,
  leak,
  chatty,
]

/** The scripted tags with one sentence each, for the sandbox's page. Every other tag behaves like `good`. */
export const catalogue: readonly { tag: string; what: string }[] = scenarios.map(({ tag, what }) => ({ tag, what }))

/** The scenario that an image's tag names among `known`; an unknown tag, a plain version or no tag is a good one. */
export const scenarioOf = (image: string, known: readonly Scenario[] = scenarios): Scenario => {
  const { tag } = imageReference(image)
  return known.find((scenario) => scenario.tag === tag) ?? good
}

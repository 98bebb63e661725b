import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * How the paths of long files begin, in the order in which they should. By size alone, which is all that vitest knows of a fresh clone, some
 * of them would begin last and be waited for. The four that set up a dozen apps at once do so apart from each other.
 */
const longOnes = [
  'test/flows/promotions/deaths', 'test/stories/', 'test/sandbox/main', 'test/flows/gates/lock', 'test/flows/promotions/outages', 'test/flows/promotions/failures', 'test/flows/promotions/frozen',
  'test/corpus/', 'test/flows/promotions/approval', 'test/flows/promotions/weather', 'test/flows/promotions/many', 'test/flows/promotions/', 'test/flows/gates/', 'test/flows/commands/promote',
  'test/flows/', 'test/bot/', 'test/rack/cluster/',
]

/** Lets the long files begin first; otherwise vitest's own order, which keeps the files of one project together. */
export class LongFirst extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const path = relative(this.ctx.config.root, moduleId)
      const found = longOnes.findIndex((beginning) => path.startsWith(beginning))
      return found === -1 ? longOnes.length : found
    }
    return (await super.sort(specs)).sort((one, other) => place(one) - place(other))
  }
}

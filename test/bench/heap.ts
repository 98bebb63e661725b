import { z } from 'zod'
import { answerOf, startBeside, stopBeside } from './processes.ts'
import type { BenchPlace } from './place.ts'
import { columns, type Measured } from './statistics.ts'

const apps = 10
const sample = z.object({ done: z.number(), heap: z.number() })
type Sample = z.output<typeof sample>

/** kB for each promotion, by least squares over the second half: what a leak would grow by. */
export const slopeOf = (samples: readonly Sample[]): number => {
  const later = samples.slice(Math.floor(samples.length / 2))
  const mean = (pick: (each: Sample) => number): number => later.reduce((sum, each) => sum + pick(each), 0) / later.length
  const [x, y] = [mean(({ done }) => done), mean(({ heap }) => heap)]
  const spread = later.reduce((sum, each) => sum + (each.done - x) ** 2, 0)
  return spread === 0 ? 0 : (later.reduce((sum, each) => sum + (each.done - x) * (each.heap - y), 0) / spread) * 1024
}

/** Promotes so many times in a process of its own and says what its heap does, after collections. Flat: less than 1 kB for each promotion. */
export const measureHeap = async (place: BenchPlace, promotions: number): Promise<{ readonly text: string; readonly result: Measured }> => {
  const child = await startBeside('heap-engine.ts', [JSON.stringify({ promotions, apps, image: `${place.surroundings.registry.address}/shop`, environment: place.environment })])
  const samples: Sample[] = []
  try {
    child.on('message', (message) => {
      const { data } = sample.safeParse(message)
      if (data === undefined) return
      samples.push(data)
      process.stderr.write(`${String(data.done)} of ${String(promotions)} promotions, ${data.heap.toFixed(1)} MB\n`)
    })
    await answerOf(child, (message) => z.object({ over: z.literal(true) }).safeParse(message).data)
  } finally {
    await stopBeside(child)
  }
  const text = [
    `heap over ${String(promotions)} promotions of ${String(apps)} apps, after collections`, '',
    columns([['promotions', 'heap'], ...samples.map(({ done, heap }) => [String(done), `${heap.toFixed(1)} MB`])]),
  ].join('\n')
  return { text, result: { what: `heap per promotion, the second half of ${String(promotions)}`, unit: 'kB', samples: [slopeOf(samples)], goal: 1 } }
}

import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { openSlackPlace } from './slack-place.ts'
import { acknowledgements, databaseTimes, manyReleases } from './slack-load.ts'
import { crowd, prepareApps } from './slack-rollouts.ts'
import { columns, resultTable, type Measured } from './statistics.ts'

/*
 * npm run bench:slack -- [--at-once 1,10,50] [--rate 200] [--seconds 10] [--releases 100000] [--speed 4] [--parts rollouts,load] [--processes 1]
 * The delivery against the simulated Slack with Slack's own limits: how far cards are behind, when a verdict is on the screen, what is asked of Slack; then
 * how soon a command is acknowledged. Slipway is a process of its own (or several: replicas); Slack, cluster, node and people are this one.
 */
const { values } = parseArgs({
  options: {
    'at-once': { type: 'string', default: '1,10,50' }, rate: { type: 'string', default: '200' }, seconds: { type: 'string', default: '10' }, releases: { type: 'string', default: '100000' },
    speed: { type: 'string', default: '4' }, parts: { type: 'string', default: 'rollouts,load' }, processes: { type: 'string', default: '1' },
  },
})
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const parts = values.parts.split(',')
const crowds = parts.includes('rollouts') ? values['at-once'].split(',').map(Number) : []

const place = await openSlackPlace(Number(values.speed), Number(values.processes))
try {
  const results: Measured[] = []
  let releases: readonly (readonly string[])[] = []
  await place.setUp(async (engine) => {
    releases = await prepareApps(place, engine, crowds)
    if (parts.includes('load')) {
      await manyReleases(place, Number(values.releases))
      results.push(await databaseTimes(place, engine, 100))
    }
  })
  if (parts.includes('load')) await place.running(async () => void results.push(...(await acknowledgements(place, { rate: Number(values.rate), seconds: Number(values.seconds) }))))
  for (const [at, many] of crowds.entries()) {
    // Slack's budgets are whole again after a minute.
    if (at > 0 || parts.includes('load')) await new Promise((resolve) => setTimeout(resolve, 61_000))
    await place.running(async () => {
      const { results: measured, requests } = await crowd(place, releases[at] ?? [], many)
      results.push(...measured)
      say(`\n${String(many)} rollouts at once: requests to Slack\n\n${columns(requests)}`)
    })
  }
  say(`\n${resultTable(results)}\n\n${String(availableParallelism())} cores, load average ${loadavg().map((load) => load.toFixed(1)).join(', ')} (at rest: what is measured is measured beside it)`)
} finally {
  await place.close()
}

import type { Cause, LogExcerpt } from '../cause.ts'
import { createMask } from '../env/mask.ts'
import { findReleaseAnywhere } from '../../db/releases.ts'
import { openEnv } from '../release-env.ts'
import type { ServiceProgress } from '../progress.ts'
import { pickEvidence, type EvidencePick } from './evidence-pick.ts'
import type { Job } from './job.ts'
import type { RolloutFacts } from './rollout-facts.ts'

/** Milliseconds for all of it: the way back must not wait (rollouts.md, fact 6). */
export const evidenceBudget = 2_000
/** Lines read of each log, and shown (cards.md 4). */
const readLines = 50
const shownLines = 12
const lineLength = 200

/** The last lines of a log as a notice shows them: masked, cut, without control characters. Pure. */
export const excerptLines = (log: string, mask: (text: string) => string, most: number = shownLines): readonly string[] =>
  mask(log).split('\n').map((line) => line.replace(/\p{Cc}/gu, '').trimEnd()).filter((line) => line !== '').slice(-most).map((line) => [...line].slice(0, lineLength).join(''))

const masks = new WeakMap<Job, { readonly of: string; readonly mask: (text: string) => string }>()

/**
 * Hides every env value of the releases that may be speaking, in the cluster's own words too. Read once for each job (a release never changes), so that a
 * verdict does not wait for a database that is busy.
 */
export const maskFor = async (job: Job): Promise<(text: string) => string> => {
  const { releaseId, fromReleaseId, targetReleaseId } = job.promotion()
  const ids = [...new Set([releaseId, fromReleaseId, targetReleaseId])].filter((id) => id !== null)
  const known = masks.get(job)
  if (known?.of === ids.join()) return known.mask
  const values: string[] = []
  for (const id of ids) {
    const release = await findReleaseAnywhere(job.rack.db, id)
    if (release !== undefined) values.push(...Object.values(openEnv(job.rack.sealer, release)))
  }
  const mask = createMask(values)
  masks.set(job, { of: ids.join(), mask })
  return mask
}

/**
 * The log of the run that failed, with two questions at most. Where its restart may come at any moment the present run is asked for first and then the one
 * before: if that has a log it is the failed one's, and if not, the run that was present was it.
 */
export const logOfFailure = async ({ previous, restarting }: Pick<EvidencePick, 'previous' | 'restarting'>, ask: (previous: boolean) => Promise<string | null>): Promise<string | null> => {
  if (restarting === true) {
    const present = await ask(false)
    return (await ask(true)) || present
  }
  return (await ask(previous)) || ask(!previous)
}

const read = async (job: Job, pick: EvidencePick, mask: (text: string) => string): Promise<LogExcerpt> => {
  const place = { service: pick.service, process: pick.process, container: pick.container, previous: pick.previous }
  if (pick.none !== undefined) return { ...place, lines: [], none: pick.none }
  const ask = (previous: boolean) => job.rack.readLog({ namespace: pick.namespace, pod: pick.process, container: pick.container, previous, lines: readLines, timeout: evidenceBudget })
  try {
    const text = await logOfFailure(pick, ask)
    return text === null || text === '' ? { ...place, lines: [], none: 'not_kept' } : { ...place, lines: excerptLines(text, mask) }
  } catch (error) {
    job.rack.log.info({ promotion: job.promotion().id, error, process: pick.process }, 'no log for the notice')
    return { ...place, lines: [], none: 'not_answered' }
  }
}

/** Reads the logs that explain a failed verdict, at most three containers, within the budget; what did not answer says so. */
export const collectEvidence = async (job: Job, causes: readonly Cause[], facts: RolloutFacts): Promise<readonly LogExcerpt[]> => {
  const picks = pickEvidence(causes, facts)
  if (picks.length === 0) return []
  const mask = await maskFor(job)
  const late = (pick: EvidencePick): LogExcerpt => ({ service: pick.service, process: pick.process, container: pick.container, previous: pick.previous, lines: [], none: 'not_answered' })
  return Promise.all(picks.map((pick) => {
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<LogExcerpt>((resolve) => {
      timer = setTimeout(() => resolve(late(pick)), evidenceBudget)
    })
    return Promise.race([read(job, pick, mask), limit]).finally(() => clearTimeout(timer))
  }))
}

const underWay = new WeakMap<Job, Promise<readonly LogExcerpt[]>>()

/** Begins to collect evidence, so that what is needed besides is got meanwhile; `evidenceOf` waits for it. */
export const beginEvidence = (job: Job, causes: readonly Cause[], facts: RolloutFacts): void => {
  const collecting = collectEvidence(job, causes, facts)
  // Whoever waits for it hears of the failure; a way back that ended sooner does not wait.
  collecting.catch(() => undefined)
  underWay.set(job, collecting)
}

/** What this process has begun to collect for a job; undefined when it has not: another one may have died over it. */
export const evidenceOf = (job: Job): Promise<readonly LogExcerpt[]> | undefined => underWay.get(job)

/** The cluster's own words with env values hidden, and those of the manifest, which may repeat one. Pure. */
export const maskCause = (cause: Cause, mask: (text: string) => string): Cause => ({
  ...cause,
  ...(cause.message === undefined ? {} : { message: mask(cause.message) }),
  ...(cause.command === undefined ? {} : { command: mask(cause.command) }),
  ...(cause.path === undefined ? {} : { path: mask(cause.path) }),
})

/** What a card says of each service, with env values hidden. Pure. */
export const maskServices = (services: readonly ServiceProgress[], mask: (text: string) => string): readonly ServiceProgress[] =>
  services.map((service) => (service.cause === undefined ? service : { ...service, cause: maskCause(service.cause, mask) }))

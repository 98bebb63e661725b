import type { Logger } from 'pino'
import { isPassing, isUnauthorized } from './cluster/cluster-error.ts'
import type { Cluster } from './cluster/connect.ts'
import { isBlinding, MissingRightsError } from './cluster/review-rights.ts'
import { inWords } from './cluster/rights.ts'

/** What the cluster does not let us do. */
export interface RightsCheck {
  /** One line for each missing right and for each kind that is not seen; empty when there is nothing to say. */
  lines(): readonly string[]
  stop(): void
}

/**
 * Asks for every right once, now or, where the cluster does not answer or know us yet, when it is first seen, and logs what is missing. `sample` is the namespace of some app,
 * null when there is none. Throws `MissingRightsError` when nothing could be watched.
 */
export const checkRights = async (cluster: Pick<Cluster, 'missingRights' | 'view'>, sample: () => Promise<string | null>, log: Logger): Promise<RightsCheck> => {
  let missing: readonly string[] = []
  let later: () => void = () => {}
  const ask = async (): Promise<void> => {
    const found = await cluster.missingRights(await sample())
    missing = inWords(found)
    for (const line of missing) log.warn(line)
    if (isBlinding(found)) throw new MissingRightsError(found)
  }
  const askLater = (): void => {
    later = cluster.view.onSight(() => {
      if (cluster.view.blindSince() !== null) return
      later()
      ask().catch((error: unknown) => log.warn({ err: error }, 'our rights on the cluster could not be checked'))
    })
  }
  try {
    await ask()
  } catch (error) {
    if (error instanceof MissingRightsError) throw error
    if (isPassing(error) || isUnauthorized(error)) askLater()
    else log.warn({ err: error }, 'our rights on the cluster could not be checked')
  }
  return { lines: () => [...missing, ...cluster.view.unseen().map(({ kind, why }) => `${kind}s are not seen: ${why}`)], stop: () => later() }
}

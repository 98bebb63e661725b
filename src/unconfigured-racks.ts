import { countsByRack } from './db/apps.ts'
import type { Db } from './db/client.ts'

const counted = (many: number, what: string): string => (many === 1 ? `1 ${what}` : `${many} ${what}s`)

/**
 * A line for each rack of which the database has apps or open promotions and the settings do not: everything is looked for by the name of its rack, so that
 * a promotion there goes on nowhere and a request never expires. Empty when there is none.
 */
export const unconfiguredRacks = async (db: Db, configured: readonly string[]): Promise<readonly string[]> =>
  (await countsByRack(db)).filter(({ rack }) => !configured.includes(rack)).map(({ rack, apps, open }) => {
    const what = [...(apps > 0 ? [counted(apps, 'app')] : []), ...(open > 0 ? [counted(open, 'open promotion')] : [])].join(' and ')
    return `the database has ${what} on rack ${rack}, which is not configured: nobody looks after them. Give a rack of CONFIG_FILE this name (docs/config-file.md), or set RACK=${rack}`
  })

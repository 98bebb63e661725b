import { pino } from 'pino'
import { insertApp } from '../../src/db/apps.ts'
import { insertBuild } from '../../src/db/builds.ts'
import type { Db } from '../../src/db/client.ts'
import { insertRelease } from '../../src/db/releases.ts'
import type { Role } from '../../src/rack/actor.ts'
import type { Books } from '../../src/rack/context.ts'
import { newId } from '../../src/rack/ids.ts'
import type { Caller } from '../../src/rack/operations.ts'
import type { GroupMembers, RoleHere } from '../../src/rack/people.ts'
import { sealEnv } from '../../src/rack/release-env.ts'
import { plainPolicy, type RolePolicy } from '../../src/rack/roles.ts'
import { createSealer } from '../../src/rack/seal.ts'
import { createWake } from '../../src/rack/wake.ts'

/** Who is who, as tests change it. */
export interface Staff {
  /** Roles by id; who is not here has left. */
  readonly roles: Map<string, Role | RoleHere>
  readonly groups: Map<string, GroupMembers>
}

/** A rack on a real database, without a cluster; its people are those of `staff`. */
export const booksOn = (db: Db, name: string, staff: Staff, policy: RolePolicy = plainPolicy([], [])): Books => ({
  name, severalRacks: false, db, sealer: createSealer([{ id: 'a', bytes: Buffer.alloc(32, 1) }]), roles: policy, clock: () => new Date(), log: pino({ level: 'silent' }),
  installation: 'test', instance: 'one', pullSecret: null, ingressClass: 'nginx', wakeRollouts: createWake(), wakeDelivery: createWake(),
  people: {
    roleOf: (id) => {
      const found = staff.roles.get(id)
      return Promise.resolve(found === undefined ? null : typeof found === 'string' ? { role: found, unread: [] } : found)
    },
    membersOf: (group) => Promise.resolve(staff.groups.get(group) ?? { ok: false, why: 'no_such_subteam' }),
  },
})

/** Somebody who acts, with this role everywhere. */
export const actingAs = (id: string, role: Role = 'approver'): Caller => ({ actor: { id, name: id.toLowerCase(), role } })

let apps = 0

/** An app with one release that could be promoted; both names are new. */
export const appWithRelease = async (rack: Books): Promise<{ readonly app: string; readonly release: string }> => {
  apps += 1
  const app = `app-${apps}`
  await insertApp(rack.db, { rack: rack.name, name: app, namespace: `${rack.name}-${app}`, createdBy: 'U0ANA' })
  return { app, release: await releaseOf(rack, app) }
}

/** One more release of it. */
export const releaseOf = async (rack: Books, app: string, env: Readonly<Record<string, string>> = {}): Promise<string> => {
  const [build, release] = [newId('B'), newId('R')]
  await insertBuild(rack.db, {
    id: build, rack: rack.name, app, description: '', manifest: 'services:\n  web:\n    build: .\n', images: { web: { reference: 's:1', resolved: 's:1', pinned: true } }, createdBy: 'U0ANA', startedAt: new Date(),
  })
  await insertRelease(rack.db, { id: release, rack: rack.name, app, buildId: build, env: sealEnv(rack.sealer, release, env), description: '', origin: 'build', createdBy: 'U0ANA' })
  return release
}

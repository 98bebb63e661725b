import { expect } from 'vitest'
import { z } from 'zod'
import type { Telling } from './telling.ts'
import { openTenant } from './tenant.ts'

const web = (more: string): string => `services:\n  web:\n    port: 5000\n    ${more}\n`
const listSchema = z.looseObject({ items: z.array(z.unknown()) })

export const becomesAgent: Telling = {
  title: 'a service becomes an agent and one again by number: the other kind goes once the release is proven, or comes back',
  app: 'switch',
  tell: async (place, app) => {
    const { shop } = place.story.world
    const tenant = await openTenant(place, app)
    const count = async (plural: string): Promise<number> => listSchema.parse(await place.kube.get(`/apis/apps/v1/namespaces/${tenant.namespace}/${plural}`)).items.length
    const workloads = async (): Promise<string> => `${await count('deployments')} Deployments, ${await count('daemonsets')} DaemonSets`
    const goesOut = async (tag: string, more: string): Promise<string> => {
      const release = await tenant.import(`${shop}:${tag}`, web(more))
      await tenant.promote(release)
      return (await tenant.ended(release)).text
    }
    expect(await goesOut('1.4.0', 'scale: 1')).toMatch(/^Succeeded: /)
    expect(await goesOut('badimage', 'agent: true')).toMatch(/^Rolled back: .* failed: web image not found/)
    await tenant.until('the agent that failed is gone', async () => (await workloads()) === '1 Deployments, 0 DaemonSets')
    expect(await goesOut('1.4.1', 'agent: true')).toMatch(/^Succeeded: /)
    await tenant.until('the Deployment is gone', async () => (await workloads()) === '0 Deployments, 1 DaemonSets')
    expect(await goesOut('1.5.0', 'scale: 1')).toMatch(/^Succeeded: /)
    await tenant.until('the agent is gone', async () => (await workloads()) === '1 Deployments, 0 DaemonSets')
  },
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cgroup, hierarchies } from './leftovers.ts'

/** Makes the cgroup above those of the pods in every hierarchy, so that all of them are found again by one name. */
export const makeCgroups = (): void => {
  for (const { path, version, controllers } of hierarchies()) {
    const folder = join(path, cgroup)
    mkdirSync(folder, { recursive: true })
    // With version 1 a new cpuset is empty, and nothing can run in it.
    if (controllers.includes('cpuset')) for (const file of ['cpuset.cpus', 'cpuset.mems']) writeFileSync(join(folder, file), readFileSync(join(path, file)))
    if (version === 2) {
      for (const controller of readFileSync(join(path, 'cgroup.controllers'), 'utf8').trim().split(' ')) {
        if (controller === '') continue
        for (const place of [path, folder]) writeFileSync(join(place, 'cgroup.subtree_control'), `+${controller}`)
      }
    }
  }
}

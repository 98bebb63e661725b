import { connectApi, type Api } from '../../sandbox/kubelet/api.ts'
import { storyOf, type Story } from '../support/story.ts'
import { startTestWorld, type Installation } from '../support/world.ts'

/** Where a story happens: an installation, and an administrator's eyes and hands on its cluster, whichever that is. */
export interface Place {
  readonly story: Story<Installation>
  /** What `kubectl` would do, as an administrator. */
  readonly kube: Api
  close(): Promise<void>
}

/** How many times as fast as recorded containers live in a story. */
export const storySpeed = 10

/** The place around an installation; `close` ends what this opened and the installation. */
export const placeOf = (world: Installation, adminKubeconfig: string): Place => {
  const kube = connectApi(adminKubeconfig)
  return {
    story: storyOf(world), kube,
    close: async () => {
      await kube.close()
      await world.close()
    },
  }
}

/** A place with a simulated cluster. */
export const simulatedPlace = async (): Promise<Place> => {
  const world = await startTestWorld({ speed: storySpeed })
  return placeOf(world, world.settings['KUBECONFIG'] ?? '')
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { everyStory } from './every-story.ts'
import { simulatedPlace, type Place } from './place.ts'

/** test/cluster/stories.test.ts tells the same on a real control plane. */
describe('on the simulated cluster', () => {
  let place: Place
  beforeAll(async () => {
    place = await simulatedPlace()
  })
  afterAll(() => place.close())

  it.each(everyStory)('$title', { timeout: 120_000 }, async ({ tell, app }) => {
    await tell(place, app)
    expect(place.story.world.logged()).not.toContain('something unexpected')
  })
})

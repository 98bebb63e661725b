import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../../src/bot/registry.ts'
import { startScene, type Scene } from './scene.ts'

describe('help', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await startScene()
  })
  afterAll(() => scene.close())

  it('lists every command once, its usage and then what it does, by noun (cards.md 5; issue 3, help)', async () => {
    const { text } = await scene.say(scene.cy, '/convox help')
    const lines = text.split('\n').filter((line) => line.startsWith('`'))
    expect(lines).toHaveLength(commands.length)
    for (const { name, summary } of commands) {
      expect(lines.filter((line) => line.startsWith(`\`${name} `) || line.startsWith(`\`${name}\``)).some((line) => line.endsWith(summary))).toBe(true)
    }
    expect(text).toContain('One of them: `/convox help releases promote` · the same in a thread: `@convox releases -a shop`')
  })

  it.each(commands.map(({ name }) => name))('has a page with an example to copy: %s', async (name) => {
    const command = commands.find((one) => one.name === name)
    const { text } = await scene.say(scene.cy, `/convox help ${name}`)
    expect(text.startsWith(`/convox ${name}`)).toBe(true)
    expect(text).toContain(`\nExample: \`/convox ${command?.example ?? ''}\``)
    expect(text).toMatch(/\nWho may: (everybody|deployers, approvers and admins|admins)\.\n/)
    for (const flag of command?.flags ?? []) expect(text).toContain(`--${flag.name}`)
    expect((await scene.say(scene.cy, `/convox ${name} --help`)).text).toBe(name === 'help' ? (await scene.say(scene.cy, '/convox help')).text : text)
  })

  it('finds a page by its last word and offers the nearest ones', async () => {
    expect((await scene.say(scene.cy, '/convox help promote')).text).toMatch(/^\/convox releases promote \[id\] \[--deadline <10m>\] \[--force\][^\n]*\n/)
    const near = await scene.say(scene.cy, '/convox help relases')
    expect(near.text).toBe('Unknown command: `relases`. Did you mean:\n(releases)\nref ‹ref›')
    expect((await scene.click(scene.cy, near.message, 'releases')).text).toMatch(/^\/convox releases /)
    expect((await scene.say(scene.cy, '/convox help xyzzy')).text).toBe('Unknown command: `xyzzy`.\nType `/convox help`.\nref ‹ref›')
  })
})

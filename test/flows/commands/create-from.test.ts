import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createShop, importFirst } from '../../support/story.ts'
import { idIn, startScene, type Scene } from './scene.ts'

describe('releases create-from', () => {
  let scene: Scene
  let first: string
  let withEnv: string
  let otherBuild: string
  let blank: string
  beforeAll(async () => {
    scene = await startScene()
    await createShop(scene)
    blank = idIn((await scene.say(scene.ana, '/convox env set EARLY=1')).text)
    first = await importFirst(scene)
  })
  afterAll(() => scene.close())

  it('says that no release is active yet, and for which app (answers.md)', async () => {
    expect((await scene.say(scene.ana, `/convox releases create-from --use-active-release-build --env-from ${first}`)).text)
      .toBe('`no active release for shop`\nPromote one first: `/convox releases -a shop`\nref ‹ref›')
    expect((await scene.say(scene.ana, `/convox releases create-from --build-from ${first} --use-active-release-env`)).text)
      .toMatch(/^`no active release for shop`/)
  })

  it('makes one of all four forms of flags (answers.md, releases create-from; seeds/convox-v3-release.txt)', async () => {
    await scene.say(scene.ana, `/convox releases promote ${first}`)
    await scene.card(new RegExp(`^Succeeded: ${first} `), 20_000)
    withEnv = idIn((await scene.say(scene.ana, '/convox env set FOO=bar')).text)
    otherBuild = idIn((await scene.say(scene.ana, `/convox builds import-image ${scene.world.shop}:1.4.1`)).text)
    for (const [flags, from] of [
      [`--build-from=${otherBuild} --env-from=${withEnv}`, `${otherBuild} (build), ${withEnv} (env)`],
      [`--use-active-release-build --env-from ${withEnv.toLowerCase()}`, `${first} (build), ${withEnv} (env)`],
      [`--build-from ${otherBuild} --use-active-release-env`, `${otherBuild} (build), ${first} (env)`],
    ] as const) {
      const said = await scene.say(scene.ana, `/convox releases create-from ${flags} -a shop`)
      expect(said.text).toBe(`Creating release... OK\nRelease: ${idIn(said.text)}\n(Promote)`)
      const info = (await scene.say(scene.cy, `/convox releases info ${idIn(said.text)}`)).text
      expect(info).toContain('\nDescription  created-from\n')
      expect(info).toContain(`\nFrom         ${from}\n`)
    }
    expect((await scene.say(scene.ana, '/convox releases create-from --use-active-release-build --use-active-release-env')).text)
      .toBe('`build and env are those of the active release: nothing would change`\nSee `/convox releases -a shop`\nref ‹ref›')
  })

  it('refuses what cannot be, and writes nothing (answers.md)', async () => {
    await scene.say(scene.bo, '/convox apps create mail --channel #general')
    const foreign = idIn((await scene.say(scene.ana, '/convox env set A=1 -a mail')).text)
    const before = await scene.counted()
    const help = 'See `/convox help releases create-from`'
    for (const [flags, says] of [
      [`--env-from ${withEnv}`, `\`must specify either --build-from or --use-active-release-build\`\n${help}`],
      [`--build-from ${first}`, `\`must specify either --env-from or --use-active-release-env\`\n${help}`],
      [
        `--build-from ${first} --use-active-release-build --env-from ${withEnv}`,
        `\`specify only one of --build-from and --use-active-release-build\`\n${help}`,
      ],
      [`--build-from ${first} --env-from ${withEnv} --use-active-release-env`, `\`specify only one of --env-from and --use-active-release-env\`\n${help}`],
      [`--build-from ${blank} --env-from ${withEnv}`, `\`no build for release: ${blank}\`\n\`/convox builds import-image <image> --manifest -a shop\``],
      [`--build-from ${first} --env-from ${first}`, '`build and env are those of the active release: nothing would change`\nSee `/convox releases -a shop`'],
      [
        `--build-from ${first} --env-from ${foreign}`,
        `\`release ${foreign} belongs to app mail\`\nAdd \`-a mail\`, or see \`/convox releases -a shop\`.\n(-a mail)`,
      ],
    ] as const) {
      expect((await scene.say(scene.ana, `/convox releases create-from ${flags} -a shop`)).text).toBe(`${says}\nref ‹ref›`)
    }
    const missing = await scene.say(scene.ana, `/convox releases create-from --build-from RXXXXXXXXXX --env-from ${withEnv}`)
    expect(missing.text)
      .toMatch(/^`release not found: RXXXXXXXXXX \(nearest: R[A-Z]{10}, R[A-Z]{10}\)`\nAll: `\/convox releases -a shop`\n\(R[A-Z]{10}\) \(R[A-Z]{10}\)\nref ‹ref›$/)
    expect((await scene.say(scene.cy, `/convox releases create-from --build-from ${first} --env-from ${withEnv}`)).text)
      .toBe('You are a viewer here; creating a release needs a deployer.\nAsk an admin: @bo.\nref ‹ref›')
    expect((await scene.say(scene.cy, '/convox releases create-from')).text).toMatch(/^You are a viewer here; creating a release needs a deployer\./)
    expect(await scene.counted()).toBe(before)
    // A click on a nearest id runs the same command with it.
    const label = missing.buttons[0] ?? ''
    expect((await scene.click(scene.ana, missing.message, label)).text).toMatch(/^Creating release\.\.\. OK|^`(no build|build and env)/)
  })

  it('asks with two pickers when no flags are given, and promotes when that is ticked', async () => {
    const form = await scene.form(scene.ana, () => scene.ana.command(scene.channel, '/convox releases create-from'))
    expect(form.body).toMatchObject({ title: { text: 'Create release' }, submit: { text: 'Create release' } })
    // Only releases with a build can give one.
    const shown = JSON.stringify(form.body.blocks.find((block) => block.block_id === 'build_from'))
    expect(shown).toContain(otherBuild)
    expect(shown).not.toContain(blank)
    expect(await scene.ana.submit(form, { 'Build from': first, 'Env from': first }))
      .toEqual({ kind: 'errors', errors: { env_from: 'build and env are those of the active release: nothing would change' } })
    const [said] = await scene.after(scene.ana, () => scene.ana.submit(form, { 'Build from': otherBuild, 'Env from': withEnv, Then: ['Promote it'] }))
    const release = idIn(said?.text ?? '')
    expect(said?.text).toBe(`Creating release... OK\nRelease: ${release}\nPromoting ${release}...\nThe card is in #shop-releases.\n(Show card)`)
    await scene.card(new RegExp(`^Succeeded: ${release} `), 20_000)
  })

  it('creates and promotes in one line with --promote (answers.md; seeds/convox-v3-release.txt)', async () => {
    const said = await scene.say(scene.ana, `/convox releases create-from --build-from=${first} --env-from=${withEnv} --promote`)
    const release = idIn(said.text)
    expect(said.text).toBe(`Creating release... OK\nRelease: ${release}\nPromoting ${release}...\nThe card is in #shop-releases.\n(Show card)`)
    const card = await scene.card(new RegExp(`^Succeeded: ${release} `), 20_000)
    await scene.world.slack.until(() => /(^|\n)OK\b/.test(scene.thread(card)))
  })
})

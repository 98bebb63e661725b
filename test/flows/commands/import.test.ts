import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { listen } from '../../../sandbox/cluster/gate.ts'
import type { View } from '../../../sandbox/slack/records.ts'
import { createShop, importFirst } from '../../support/story.ts'
import { shopManifest } from '../../support/world.ts'
import { idIn, startScene, type Scene } from './scene.ts'

const imported = /^Creating build\.\.\. OK, (B[A-Z]{10})\nCreating release\.\.\. OK, (R[A-Z]{10})\nBuild: \1\nRelease: \2\n/

/** A port of this machine that nobody listens on. */
const closedPort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })

describe('builds import-image', () => {
  let scene: Scene
  let shop: string
  let worker: string
  let first: string
  beforeAll(async () => {
    scene = await startScene()
    shop = scene.world.shop
    worker = `${scene.world.registry.address}/worker`
    await createShop(scene)
  })
  afterAll(() => scene.close())

  const openForm = (command: string): Promise<View> => scene.form(scene.ana, () => scene.ana.command(scene.channel, command))
  const imagesOf = async (build: string): Promise<unknown> => (await scene.rows(`select images from builds where id = '${build}'`))[0]?.['images']

  it('asks for a convox.yml before the first build', async () => {
    expect((await scene.say(scene.ana, `/convox builds import-image ${shop}:1.4.0`)).text)
      .toBe('`shop` has no convox.yml yet.\nGive one: `/convox builds import-image <image> --manifest -a shop`\nref ‹ref›')
  })

  it('takes a convox.yml that is too long for a form as a file, in the form and with a message (issue 5, section 5)', async () => {
    const long = `${shopManifest}# ${'a long comment '.repeat(600)}\n`
    expect(long.length).toBeGreaterThan(9_000)
    const form = await openForm(`/convox builds import-image ${shop}:1.4.0 --manifest`)
    const id = scene.ana.upload('convox.yml', long)
    expect(await scene.ana.submit(form, { File: id, Text: 'services: {}' })).toEqual({ kind: 'errors', errors: { manifest_text: 'Give a file or text, not both.' } })
    const [byForm] = await scene.after(scene.ana, () => scene.ana.submit(form, { File: id }))
    expect(byForm?.text).toMatch(imported)
    const bot = `<@${scene.world.slack.workspace.bot.userId}>`
    const [byMessage] = await scene.after(scene.ana, () => Promise.resolve(
      scene.ana.say(scene.channel, `${bot} builds import-image ${shop}:1.4.0`, { files: [scene.ana.upload('convox.yml', `${long}# again\n`)] })))
    expect(byMessage?.text).toMatch(imported)
    for (const [said, manifest] of [[byForm, long], [byMessage, `${long}# again\n`]] as const) {
      const build = imported.exec(said?.text ?? '')?.[1] ?? ''
      expect(await scene.rows(`select manifest from builds where id = '${build}'`)).toEqual([{ manifest }])
    }
    await scene.after(scene.ana, () => Promise.resolve(scene.ana.say(scene.channel, bot, { files: [scene.ana.upload('convox.yml', long)] })))
    const [wrong] = await scene.after(scene.ana, () => Promise.resolve(
      scene.ana.say(scene.channel, `${bot} builds import-image ${shop}:1.4.0`, { files: [scene.ana.upload('shop.zip', Buffer.from([0x50, 0x4b, 0xff, 0xfe]))] })))
    expect(wrong?.text).toBe('`shop.zip` is no text file.\nNothing was created. Give one convox.yml, saved as UTF-8.\nref ‹ref›')
  })

  it('takes it with a message that is typed on the sandbox\'s page', async () => {
    const { pageUrl } = scene.world.slack
    const post = (path: string, body: string): Promise<Response> => fetch(`${pageUrl}${path}`, { method: 'POST', body })
    const manifest = `${shopManifest}# from the page\n`
    const [said] = await scene.after(scene.ana, async () => {
      const { id } = z.object({ id: z.string() }).parse(await (await post('page/upload?as=U0ANA&name=convox.yml', manifest)).json())
      const typed = { do: 'say', as: 'U0ANA', channel: scene.channel, text: `@convox builds import-image ${shop}:1.4.0 -a shop`, files: [id] }
      expect((await post('do', JSON.stringify(typed))).status).toBe(200)
    })
    const build = imported.exec(said?.text ?? '')?.[1] ?? said?.text
    expect(await scene.rows(`select manifest from builds where id = '${build}'`)).toEqual([{ manifest }])
  })

  it('names every error of a convox.yml at once, under its field, and creates nothing (issue 3, --manifest)', async () => {
    const before = await scene.counted()
    const form = await openForm(`/convox builds import-image ${shop}:1.4.0 --manifest`)
    expect(form.body).toMatchObject({ title: { text: 'Import manifest' }, submit: { text: 'Import' } })
    const wrong = async (text: string): Promise<string> => {
      const outcome = await scene.ana.submit(form, { Text: text })
      return outcome.kind === 'errors' ? (outcome.errors['manifest_text'] ?? '') : outcome.kind
    }
    const all = await wrong('services:\n  web:\n    build: .\n    port: x\n    scale:\n      count: -1\n    helth: /\n  api: {}\ntimers:\n  nightly: {}\n')
    expect(all.split('\n')[0]).toBe('validation errors:')
    for (const named of ['services.web.port', 'service web: scale.min must be >= 0', 'services.web.helth', 'timers.nightly']) expect(all).toContain(named)
    expect(all).toContain('is unknown. Did you mean health?')
    expect(await wrong('services:\n  web:\n    build: .\n    resources:\n      - database\nresources:\n  database:\n    type: postgres\n'))
      .toMatch(/resources is not supported\. Set its env instead: \/convox env set DATABASE_URL=…/)
    expect(await wrong('services:\n  web:\n    build: .\n    gpu: 1\n')).toMatch(/services\.web\.gpu/)
    expect(await wrong('services:\n  web:\n    build: .\n   port: 1\n')).toMatch(/^validation errors:\nconvox\.yml line \d+, column \d+: /)
    expect(await wrong('   ')).toBe('Give a file or text.')
    expect(await scene.counted()).toBe(before)
    await scene.ana.closeView(form)
  })

  it('makes a build and a release of an image and a convox.yml (answers.md, builds import-image)', async () => {
    first = await importFirst(scene)
    const build = (await scene.rows('select id, images, manifest from builds'))[0]
    const pinned = { reference: `${shop}:1.4.0`, resolved: `${shop}:1.4.0@${scene.world.registry.digest('shop', '1.4.0') ?? ''}`, pinned: true }
    expect(build?.['images']).toEqual({ web: pinned, worker: pinned })
    await scene.say(scene.ana, `/convox releases promote ${first}`)
    await scene.card(new RegExp(`^Succeeded: ${first} `), 20_000)
  })

  it('keeps the newest convox.yml and names its base', async () => {
    const said = await scene.say(scene.ana, `/convox builds import-image ${shop}:1.4.1`)
    expect(said.text).toMatch(new RegExp(`${imported.source}Base: ${first}\n\\(Promote\\)$`))
    const again = await scene.say(scene.ana, `/convox build import-image ${shop}:1.4.1`)
    expect(again.text).toMatch(new RegExp(`\nBase: ${idIn(said.text)} \\(not active; active is ${first}\\)\n`))
  })

  it('takes one image for each service that is named, the bare one for the others', async () => {
    const said = await scene.say(scene.ana, `/convox builds import-image ${shop}:1.4.2 worker=${worker}:1.5.0`)
    expect(await imagesOf(idIn(said.text, /Build: +/))).toMatchObject({ web: { reference: `${shop}:1.4.2` }, worker: { reference: `${worker}:1.5.0` } })
    expect((await scene.say(scene.cy, `/convox releases info ${idIn(said.text)}`)).text).toContain(`Description  image ${shop}:1.4.2`)
  })

  it.each([
    ['', `image SHOP:1.4.0`],
    ['-d "my words"', 'my words'],
    ['--git-sha 0a1b2c3d4e5f6071 --message "my commit message"', 'build 0a1b2c3d4e my commit message'],
    ['--git-sha=0a1b2c3d4e5f6071', 'build 0a1b2c3d4e'],
    ['--description both --git-sha 0a1b2c3d4e5f6071', 'both'],
  ])('describes itself by %s (answers.md, DESCRIPTION)', async (flags, description) => {
    const said = await scene.say(scene.ana, `/convox builds import-image ${shop}:1.4.0 ${flags}`)
    const rows = await scene.rows(
      `select r.description release, b.description build from releases r join builds b on b.id = r.build_id where r.id = '${idIn(said.text)}'`)
    expect(rows).toEqual([{ release: description.replace('SHOP', shop), build: description.replace('SHOP', shop) }])
  })

  it('keeps the env of the release that --release names', async () => {
    const withEnv = idIn((await scene.say(scene.ana, `/convox env set KEPT=1 --release ${first}`)).text)
    await scene.say(scene.ana, '/convox env set OTHER=1')
    const said = await scene.say(scene.ana, `/convox builds import-image ${shop}:1.4.0 --release ${withEnv.toLowerCase()}`)
    expect(said.text).toContain(`\nBase: ${withEnv} (not active; active is ${first})\n`)
    expect((await scene.say(scene.cy, `/convox env --release ${idIn(said.text)}`)).text).toMatch(/^KEPT=\*{4}\nRelease/)
  })

  it('refuses what cannot be imported, and writes nothing (cards.md 7, rows 2, 5, 22 and their like)', async () => {
    const before = await scene.counted()
    for (const [typed, says] of [
      [`${shop}:9.9.9`, `\`${shop}:9.9.9\` is not in the registry.\nNothing was created. Check name and tag.`],
      [
        `web=${shop}:9.9.9 worker=${worker}:9.9.8`,
        `\`${shop}:9.9.9\` and \`${worker}:9.9.8\` are not in the registry.\nNothing was created. Check name and tag.`,
      ],
      [`api=${shop}:1.4.0`, '`shop` has no service `api`.\nIts services: `web` and `worker`.'],
      [`web=${shop}:1.4.0`, '`worker` has no image.\nNothing was created. Name one each: `/convox builds import-image worker=<image> -a shop`'],
      ['Shop:1', '`Shop:1` is not an image: its name must be lower case.\nWrite it as `registry.example.com/shop:1.4.2`.'],
      ['', '`at least 1 arg required`: `<image>`\nExample: `/convox builds import-image registry.example.com/shop:1.4.2 -a shop`'],
      [`${shop}:1.4.0 ${shop}:1.4.1`, expect.stringMatching(/^`only one image without a service`: `.*:1\.4\.1`\nExample: `\/convox builds import-image web=/)],
      [`${shop}:1.4.0 --release RXXXXXXXXXX`, expect.stringMatching(/^`release not found: RXXXXXXXXXX \(nearest: /)],
      [`${shop}:1.4.0 --git-sha`, '`--git-sha` needs a value: `<sha>`\nSee `/convox help builds import-image`'],
    ] as const) {
      const { text } = await scene.say(scene.ana, `/convox builds import-image ${typed}`)
      expect(text).toEqual(typeof says === 'string' ? `${says}\nref ‹ref›` : says)
    }
    const no = 'You are a viewer here; importing an image needs a deployer.\nAsk an admin: @bo.\nref ‹ref›'
    expect((await scene.say(scene.cy, `/convox builds import-image ${shop}:1.4.0`)).text).toBe(no)
    expect((await scene.say(scene.cy, `/convox builds import-image ${shop}:1.4.0 --manifest`)).text).toBe(no)
    expect((await scene.say(scene.cy, `/convox deploy ${shop}:1.4.0`)).text).toBe(no)
    expect(await scene.counted()).toBe(before)
  })

  it('says of a registry that cannot be asked that the tag is not pinned, on the card too (cards.md 7, rows 23 and 24)', async () => {
    const nowhere = `127.0.0.1:${await closedPort()}/shop:1.4.0`
    const said = await scene.say(scene.ana, `/convox builds import-image ${nowhere}`)
    expect(said.text)
      .toMatch(new RegExp(`${imported.source}Base: .*\n⚠️ Warning: \`127\\.0\\.0\\.1:\\d+\` refuses connections, so the tag is not pinned: \`${nowhere}\`\\. Import again when it answers, or by digest\\.\n\\(Promote\\)$`))
    expect(await imagesOf(idIn(said.text, /Build: +/))).toMatchObject({ web: { reference: nowhere, resolved: nowhere, pinned: false } })
    expect((await scene.say(scene.cy, `/convox builds info ${idIn(said.text, /Build: +/)}`)).text).toContain(`web ${nowhere} (tag not pinned)`)
    scene.world.registry.fail({ status: 500 })
    expect((await scene.say(scene.ana, `/convox builds import-image ${shop}:1.4.0`)).text)
      .toMatch(/⚠️ Warning: `127\.0\.0\.1:\d+` answered 500 Internal Server Error, so the tag is not pinned: `127\.0\.0\.1:\d+\/shop:1\.4\.0`\. Import again/)
    scene.world.registry.fail(undefined)
    await scene.say(scene.bo, '/convox apps params set approvals=1')
    await scene.say(scene.ana, '/convox releases promote')
    const card = await scene.card(/^Waiting for approval: /)
    expect(JSON.stringify(card.blocks)).toMatch(/⚠️ Warning: tag not pinned: `web` runs what `127\.0\.0\.1:\d+\/shop:1\.4\.0` is then/)
    await scene.say(scene.bo, '/convox apps params set approvals=0')
  })

  it('pins what is given by digest without a tag to move', async () => {
    const digest = scene.world.registry.digest('shop', '1.5.0') ?? ''
    const said = await scene.say(scene.ana, `/convox builds import-image ${shop}@${digest}`)
    expect(said.text).not.toContain('Warning')
    expect(await imagesOf(idIn(said.text, /Build: +/))).toMatchObject({ web: { resolved: `${shop}@${digest}`, pinned: true } })
  })

  it('keeps nobody waiting but its own person for a registry that does not answer', async () => {
    const held = new Set<Socket>()
    const mute = createServer((socket) => void held.add(socket.on('error', () => undefined)))
    try {
      const reference = `127.0.0.1:${await listen(mute, 0)}/shop:1.4.0`
      const before = new Set(scene.ana.ephemerals(scene.channel))
      const imports = Array.from({ length: 6 }, () => scene.ana.command(scene.channel, `/convox builds import-image ${reference}`))
      await scene.world.slack.until(() => held.size === imports.length)
      expect((await scene.say(scene.bo, '/convox apps')).text).toContain('shop')
      const answered = () => scene.ana.ephemerals(scene.channel).filter((one) => !before.has(one))
      expect(answered()).toEqual([])
      for (const socket of held) socket.destroy()
      await scene.world.slack.until(() => answered().length === imports.length)
    } finally {
      for (const socket of held) socket.destroy()
      mute.close()
    }
  })

  it('takes a service\'s own image: and says which one no image covers', async () => {
    const form = await openForm(`/convox builds import-image worker=${worker}:1.4.0 --manifest`)
    const text = `services:\n  web:\n    image: ${shop}:1.4.2\n    port: 5000\n  worker:\n    build: .\n  cron:\n    build: .\n`
    const [said] = await scene.after(scene.ana, () => scene.ana.submit(form, { Text: text }))
    expect(said?.text).toBe('`cron` has no image.\nNothing was created. Name one each: `/convox builds import-image cron=<image> -a shop`\nref ‹ref›')
    const again = await openForm(`/convox builds import-image worker=${worker}:1.4.0 --manifest`)
    const [made] = await scene.after(scene.ana, () => scene.ana.submit(again, { Text: text.replace(/ {2}cron[^]*/, '') }))
    expect(await imagesOf(idIn(made?.text ?? '', /Build: +/))).toMatchObject({ web: { reference: `${shop}:1.4.2` }, worker: { reference: `${worker}:1.4.0` } })
  })

  it.each(['build', 'build . -a shop', 'deploy', 'deploy .', 'builds logs BABCDEFGHIJ', 'builds export BABCDEFGHIJ', 'builds import', 'build --no-cache'])(
    'says of %s that building from source comes later (answers.md, build)', async (command) => {
      expect((await scene.say(scene.ana, `/convox ${command}`)).text)
        .toBe('Building from source is not available yet.\nUse `builds import-image <image>` or `deploy <image>`.\nref ‹ref›')
    })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idIn, startScene, type Scene } from './scene.ts'

/*
 * The documentation the user gave (seeds/*.txt), lived through in its order on an app `myapp`. Ids, ages and times differ by nature, and so do the slips
 * that answers.md lists; columns, words and the form of every line do not.
 */
const manifest = `services:
  web:
    build: .
    command: bin/web
    port: 5000
`

/** A table's cells; ids become R and B, ages ‹age›. */
const cells = (text: string): string[][] => text.split('\n').map((line) =>
  line.split(/ {2,}/).map((cell) => cell.replace(/^([RB])[A-Z]{9,10}$/, '$1').replace(/^(now|\d+ (second|minute)s? ago)$/, '‹age›')))

describe('the commands of the seeds', () => {
  let scene: Scene
  let image: string
  let built: string
  let changed: string
  beforeAll(async () => {
    scene = await startScene()
    image = `${scene.world.shop}:1.4.0`
    await scene.say(scene.bo, '/convox apps create myapp')
    await scene.say(scene.bo, '/convox apps params set approvals=0 stability=1s')
  })
  afterAll(() => scene.close())

  const run = async (line: string): Promise<string> => (await scene.say(scene.ana, line.replace('$ convox', '/convox'))).text
  const succeeded = (release: string) => scene.card(new RegExp(`^Succeeded: ${release} is active on myapp`), 20_000)

  it('$ convox build -a myapp: not here yet, and what to type instead (answers.md, build)', async () => {
    expect(await run('$ convox build -a myapp')).toContain('Use `builds import-image <image>` or `deploy <image>`.')
    const form = await scene.form(scene.ana, () =>
      scene.ana.command(scene.channel, `/convox builds import-image ${image} --git-sha 0a1b2c3d4e5f --message "my commit message" --manifest -a myapp`))
    const [said] = await scene.after(scene.ana, () => scene.ana.submit(form, { Text: manifest }))
    // seeds/convox-v3-release.txt, "On Build Creation", last two lines
    expect(said?.text).toMatch(/\nBuild: B[A-Z]{10}\nRelease: R[A-Z]{10}\n/)
    built = idIn(said?.text ?? '')
    await run('$ convox releases promote -a myapp')
    await succeeded(built)
  })

  it('$ convox env set FOO=bar -a myapp', async () => {
    const text = await run('$ convox env set FOO=bar -a myapp')
    changed = idIn(text)
    expect(text.split('\n').slice(0, 2)).toEqual(['Setting FOO... OK', `Release: ${changed}`])
  })

  it('$ convox releases -a myapp', async () => {
    expect(cells(await run('$ convox releases -a myapp --text'))).toEqual([
      ['ID', 'STATUS', 'BUILD', 'CREATED', 'DESCRIPTION'],
      ['R', 'B', '‹age›', 'env add:FOO'],
      ['R', 'active', 'B', '‹age›', 'build 0a1b2c3d4e my commit message'],
    ])
    expect(await run('$ convox releases')).toMatch(/^# Releases of myapp\n/)
  })

  it('$ convox releases info RCDEFGHIJK -a myapp', async () => {
    const lines = (await run(`$ convox releases info ${changed} -a myapp`)).split('\n')
    expect(lines.slice(0, 5).map((line) => line.replace(/[RB][A-Z]{10}/, 'ID').replace(/\d{4}-.*Z$/, 'TIME'))).toEqual([
      'Id           ID', 'Build        ID', 'Created      TIME', 'Description  env add:FOO', 'Env          FOO=****',
    ])
    expect(await run(`$ convox releases info ${changed} -a myapp --reveal`)).toContain('\nEnv          FOO=bar\n')
  })

  it('$ convox releases manifest RCDEFGHIJK -a myapp', async () => {
    expect(`${await run(`$ convox releases manifest ${changed} -a myapp`)}\n`).toBe(manifest)
  })

  it('$ convox releases create-from --build-from=RABCDEFGHI --env-from=RCDEFGHIJK -a myapp', async () => {
    const text = await run(`$ convox releases create-from --build-from=${built} --env-from=${changed} -a myapp`)
    expect(text.split('\n').slice(0, 2)).toEqual(['Creating release... OK', `Release: ${idIn(text)}`])
    expect(cells(await run('$ convox releases -a myapp --text'))[1]).toEqual(['R', 'B', '‹age›', 'created-from'])
    expect(await run(`$ convox releases create-from --use-active-release-build --env-from=${changed} -a myapp`))
      .toMatch(/^Creating release\.\.\. OK\nRelease: R[A-Z]{10}\n/)
    expect(await run(`$ convox releases create-from --build-from=${changed} --use-active-release-env -a myapp`))
      .toMatch(/^Creating release\.\.\. OK\nRelease: R[A-Z]{10}\n/)
  })

  it('$ convox releases promote RCDEFGHIJK -a myapp', async () => {
    expect(await run(`$ convox releases promote ${changed} -a myapp`)).toMatch(new RegExp(`^Promoting ${changed}\\.\\.\\.\n`))
    const card = await succeeded(changed)
    await scene.world.slack.until(() => /(^|\n)OK\b/.test(scene.thread(card)))
    const lines = scene.thread(card).replaceAll('```', '').split('\n').filter((line) => line !== '')
    expect(lines[0]).toBe(`Promoting ${changed}...`)
    expect(lines.at(-1)).toBe('OK')
    const said = lines.slice(1, -1).map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /, ''))
    // Each kind of line of the seed, in its form; the cluster's words are those of today's Kubernetes (answers.md, general rules).
    for (const kind of [
      /^system\/k8s\/atom\/app Status: Running => Pending$/,
      /^system\/k8s\/web Scaled up replica set web-\w+ .*to 1$/, /^system\/k8s\/web-\w+ Created pod: web-\w+-\w+$/,
      /^system\/k8s\/web-\w+-\w+ Successfully assigned convox-myapp\/web-\w+-\w+ to instance-0a1b2c3d4e5f$/,
      /^system\/k8s\/web-\w+-\w+ (Pulling image|Container image) "/,
      /^system\/k8s\/atom\/app Status: Pending => Updating$/, /^system\/k8s\/web-\w+-\w+ Container created$/, /^system\/k8s\/web-\w+-\w+ Container started$/,
    ]) expect(said.filter((line) => kind.test(line)).length, String(kind)).toBeGreaterThan(0)
  })

  it('$ convox releases rollback RBCDEFGHIJ -a myapp: "makes a copy of that Release and promotes the copy"', async () => {
    const text = await run(`$ convox releases rollback ${built} -a myapp`)
    const copy = idIn(text, /OK, /)
    expect(text.split('\n')[0]).toBe(`Rolling back to ${built}... OK, ${copy}`)
    await succeeded(copy)
    expect(await scene.rows(`select copy.build_id = source.build_id same, copy.rollback_of from releases copy, releases source where copy.id = '${copy}' and source.id = '${built}'`))
      .toEqual([{ same: true, rollback_of: built }])
    expect((await run('$ convox env -a myapp')).split('\n')[0]).toBe('no env for `myapp` yet')
  })

  it('$ convox releases create-from … --promote', async () => {
    const text = await run(`$ convox releases create-from --build-from=${built} --env-from=${changed} -a myapp --promote`)
    const release = idIn(text)
    expect(text.split('\n').slice(0, 3)).toEqual(['Creating release... OK', `Release: ${release}`, `Promoting ${release}...`])
    await succeeded(release)
  })

  it('$ convox deploy, $ convox apps, and the way back of the guide (seeds/convox-guide-releases-and-rollbacks.txt)', async () => {
    expect(await run('$ convox deploy')).toContain('Use `builds import-image <image>` or `deploy <image>`.')
    const text = await run(`$ convox deploy ${scene.world.shop}:slow`)
    expect(text).toMatch(/^Deploying myapp\n/)
    const release = idIn(text, /release\.\.\. OK, /)
    // Its card may be posted only when all is over: the channel has had many posts in the last seconds.
    await expect.poll(async () => cells(await run('$ convox apps')).map((row) => row.slice(0, 2)), { timeout: 10_000, interval: 100 }).toEqual([['APP', 'STATUS'], ['myapp', 'updating']])
    await succeeded(release)
    expect(cells(await run('$ convox apps')).map((row) => row.slice(0, 2))).toEqual([['APP', 'STATUS'], ['myapp', 'running']])
    const older = await scene.say(scene.ana, `/convox releases promote ${changed}`)
    expect((await scene.click(scene.ana, older.message, 'Promote anyway')).text).toMatch(new RegExp(`^Promoting ${changed}\\.\\.\\.\n`))
  })

  it('describes a change of env as env add:FOO change:BAR remove:BAZ (seeds/convox-v2-releases.txt)', async () => {
    await run('$ convox env set BAR=1 BAZ=1 --replace')
    const form = await scene.form(scene.ana, () => scene.ana.command(scene.channel, '/convox env edit -a myapp'))
    const [said] = await scene.after(scene.ana, () =>
      scene.ana.submit(form, { 'Set or change': 'FOO=1\nBAR=2', Remove: ['BAZ'], 'What happens': ['Create the release only'] }))
    expect(await scene.rows(`select description from releases where id = '${idIn(said?.text ?? '')}'`))
      .toEqual([{ description: 'env add:FOO change:BAR remove:BAZ' }])
  })

  it('describes a build by --description/-d (seeds/convox-v2-releases.txt)', async () => {
    await run(`$ convox builds import-image ${image} -d "this is my description" -a myapp`)
    expect(cells(await run('$ convox releases -a myapp --text'))[1]).toEqual(['R', 'B', '‹age›', 'this is my description'])
  })
})

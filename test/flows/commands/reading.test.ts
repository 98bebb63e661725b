import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createShop, importFirst } from '../../support/story.ts'
import { shopManifest } from '../../support/world.ts'
import { idIn, startScene, type Scene } from './scene.ts'

const utc = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/.source
const age = /(?:now|\d+ seconds? ago)/.source
/** The rows of a table, each with the lines it goes on in, which are indented. */
const unfolded = (text: string): readonly string[] => text.split(/\n(?! )/)

describe('what is where', () => {
  let scene: Scene
  let shop: string
  let first: string
  let build: string
  let second: string
  beforeAll(async () => {
    scene = await startScene()
    shop = scene.world.shop
    await createShop(scene)
  })
  afterAll(() => scene.close())

  it.each([
    ['releases', 'no releases for `shop` yet\nStart with `/convox builds import-image <image> -a shop`'],
    ['releases --text', 'no releases for `shop` yet\nStart with `/convox builds import-image <image> -a shop`'],
    ['builds', 'no builds for `shop` yet\nStart with `/convox builds import-image <image> -a shop`'],
    ['env', 'no env for `shop` yet\n`/convox env set KEY=value -a shop`'],
    ['promotions', 'no promotions for `shop` yet\nStart one with `/convox releases promote -a shop`'],
    ['ps', 'no processes of `shop`\nSee `/convox releases -a shop`'],
  ])('says what to type when there is nothing yet: %s (answers.md, releases: none; cards.md 5, Empty)', async (command, says) => {
    expect((await scene.say(scene.cy, `/convox ${command}`)).text).toBe(says)
  })

  it('says that there is nothing to promote (answers.md, releases promote)', async () => {
    expect((await scene.say(scene.ana, '/convox releases promote')).text)
      .toBe('`no releases to promote`\nStart with `/convox builds import-image <image> -a shop`\nref ‹ref›')
  })

  it('says of a release before any build that it has none (answers.md, manifest and promote; cards.md 7, row 19)', async () => {
    const made = await scene.say(scene.ana, '/convox env set FOO=bar')
    const blank = idIn(made.text)
    expect(made.text).not.toContain('Base:')
    const no = `\`no build for release: ${blank}\`\n\`/convox builds import-image <image> --manifest -a shop\`\nref ‹ref›`
    expect((await scene.say(scene.cy, `/convox releases manifest ${blank}`)).text).toBe(no)
    expect((await scene.say(scene.ana, `/convox releases promote ${blank}`)).text).toBe(no)
    expect((await scene.say(scene.ana, `/convox releases rollback ${blank}`)).text).toBe(no)
    expect((await scene.say(scene.cy, '/convox releases --text')).text)
      .toMatch(new RegExp(`^ID           STATUS  BUILD  CREATED +DESCRIPTION\n${blank} {17}${age} +env add:FOO$`))
    expect(await scene.rows('select id from promotions')).toEqual([])
  })

  it('lists releases as cards with their Promote buttons (cards.md 5)', async () => {
    first = await importFirst(scene)
    await scene.say(scene.ana, '/convox releases promote')
    await scene.card(new RegExp(`^Succeeded: ${first} `), 20_000)
    second = idIn((await scene.say(scene.ana, '/convox env set BAR="two words" FOO=baz')).text)
    const list = await scene.say(scene.cy, '/convox releases')
    build = /`(B[A-Z]{10})`/.exec(list.text)?.[1] ?? ''
    expect(list.text.split('\n')).toEqual([
      '# Releases of shop',
      `\`${second}\` · \`${build}\` · ‹ago›`,
      'env add:BAR change:FOO (Promote)',
      `\`${first}\` *active* · \`${build}\` · ‹ago›`,
      `image ${shop}:1.4.0 (Promote)`,
      expect.stringMatching(/^`R[A-Z]{10}` · ‹ago›$/),
      'env add:FOO (Promote)',
      '1-3 of 3 · plain table: `/convox releases -a shop --text`',
    ])
    expect(list.message.text).toBe(`Releases of shop: 3 of 3, active is ${first}.`)
  })

  it('lists them as the plain table of the seeds (answers.md, releases --text; seeds/convox-v3-release.txt)', async () => {
    const { text } = await scene.say(scene.cy, '/convox releases --text -a shop')
    const [head, ...rows] = text.split('\n')
    expect(head).toMatch(/^ID {11}STATUS {2}BUILD {8}CREATED +DESCRIPTION$/)
    expect(rows[0]).toMatch(new RegExp(`^${second} {10}${build}  ${age} +env add:BAR change:FOO$`))
    expect(rows[1]).toMatch(new RegExp(`^${first}  active  ${build}  ${age} +image ${shop}:1.4.0$`))
    expect(text.split('\n').every((line) => line === line.trimEnd())).toBe(true)
  })

  it('pages them', async () => {
    const page = await scene.say(scene.cy, '/convox releases --limit 2')
    expect(page.buttons).toEqual(['Promote', 'Promote', 'Older'])
    const older = async (label: string) => {
      const before = scene.cy.ephemerals(scene.channel).length
      const redrawn = await scene.world.slack.until(async () => {
        const now = scene.cy.ephemerals(scene.channel)
        return now.at(-1)
      })
      await scene.cy.click(redrawn, label)
      return before
    }
    const before = await older('Older')
    const second = await scene.world.slack.until(() => scene.cy.ephemerals(scene.channel).find((one) => one.text.startsWith('Releases of shop: 1 of 3')))
    // The list is redrawn where it stands.
    expect(scene.cy.ephemerals(scene.channel)).toHaveLength(before)
    expect(JSON.stringify(second.blocks)).toContain('3-3 of 3')
    await older('Newer')
    await scene.world.slack.until(() => scene.cy.ephemerals(scene.channel).at(-1)?.text.startsWith('Releases of shop: 2 of 3'))
  })

  it.each([
    ['releases --limit 500', '`--limit` goes from 1 to 100, not 500.\nThen use Older under the list.'],
    ['releases --limit 0', '`--limit` goes from 1 to 100, not 0.\nThen use Older under the list.'],
    ['builds --limit many', '`--limit` goes from 1 to 100, not many.\nExample: `/convox builds --limit 20`'],
    ['releases --limit', '`--limit` needs a value: `<n>`\nSee `/convox help releases`'],
    ['releases --text=yes', '`--text` takes no value.\nSee `/convox help releases`'],
  ])('refuses %s', async (command, says) => {
    expect((await scene.say(scene.cy, `/convox ${command}`)).text).toBe(`${says}\nref ‹ref›`)
  })

  it('shows one release, in any case of its id (answers.md, releases info)', async () => {
    const of = (text: string): string => text.replace(/\(Promote\)$/, '').trimEnd()
    expect(of((await scene.say(scene.cy, `/convox releases info ${second.toLowerCase()}`)).text)).toMatch(new RegExp([
      `^Id           ${second}`, `Build        ${build}`, `Created      ${utc}`, 'Description  env add:BAR change:FOO',
      'Env          BAR=\\*\\*\\*\\*', '             FOO=\\*\\*\\*\\*', 'Promoted     never$'].join('\n')))
    expect(of((await scene.say(scene.cy, `/convox releases info ${first}`)).text)).toMatch(new RegExp(`\nPromoted     ${utc} by @ana, succeeded in \\d+s$`))
  })

  it('reveals values to deployers alone, ephemerally and audited (issue 3, releases info)', async () => {
    const before = await scene.counted()
    expect((await scene.say(scene.cy, `/convox releases info ${second} --reveal`)).text)
      .toBe('You are a viewer here; seeing env values needs a deployer.\nAsk an admin: @bo.\nref ‹ref›')
    expect(await scene.counted()).toBe(before)
    const shown = await scene.say(scene.ana, `/convox releases info ${second} --reveal`)
    expect(shown.text).toContain('Env          BAR=two words\n             FOO=baz\n')
    expect(shown.text).toContain('\nOnly you can see this; it is audited.')
    expect(await scene.rows("select actor, detail from audit where action = 'env.reveal'"))
      .toEqual([{ actor: 'U0ANA', detail: { release: second, what: 'all' } }])
    expect(scene.world.slack.transcript(scene.channel)).not.toContain('two words')
  })

  it('offers the nearest releases as buttons that run (answers.md, release not found)', async () => {
    const typo = `${first.slice(0, 10)}${first.endsWith('X') ? 'Y' : 'X'}`
    const no = await scene.say(scene.cy, `/convox releases info ${typo}`)
    expect(no.text).toMatch(new RegExp(`^\`release not found: ${typo} \\(nearest: ${first}[A-Z, ]*\\)\`\nAll: \`/convox releases -a shop\`\n`))
    expect(no.buttons[0]).toBe(first)
    expect((await scene.click(scene.cy, no.message, first)).text).toMatch(new RegExp(`^Id           ${first}\n`))
  })

  it('shows the convox.yml byte for byte, and a long one as a file (answers.md, releases manifest)', async () => {
    expect((await scene.say(scene.cy, `/convox releases manifest ${first}`)).text).toBe(shopManifest.trimEnd())
    const long = `${shopManifest}# ${'~ `tick` <b> &amp; "q" é\u00a0'.repeat(110)}\n`
    expect(long.length).toBeGreaterThan(2500)
    const release = await importFirst(scene, `${shop}:1.4.1`, long)
    const answer = await scene.say(scene.cy, `/convox releases manifest ${release}`)
    expect(answer.text).toBe(`The convox.yml of \`${release}\` is a file in your direct messages.`)
    const file = await scene.world.slack.until(() => scene.world.slack.workspace.files().find(({ name, completed }) => name === 'convox.yml' && completed))
    expect(Buffer.from(file.content ?? '', 'base64').toString()).toBe(long)
    expect(scene.world.slack.workspace.channels().find(({ id }) => id === file.channels[0])?.im).toBe('U0CY')
  })

  it('lists builds and shows one', async () => {
    expect((await scene.say(scene.cy, '/convox builds')).text).toMatch(new RegExp(
      `^ID           STATUS    RELEASE      STARTED +ELAPSED\n  DESCRIPTION\nB[A-Z]{10}  complete  R[A-Z]{10}  ${age} +\\d+s\n  image ${shop}:1.4.1\n${build}  complete  ${first}  ${age} +\\d+s\n  image ${shop}:1.4.0$`))
    const info = await scene.say(scene.cy, `/convox builds info ${build.toLowerCase()}`)
    expect(info.text).toMatch(new RegExp([
      `^Id           ${build}`, 'Status       complete', `Release      ${first}`,
      `Description  image ${shop}:1.4.0`, `Started      ${utc}`, 'Elapsed      \\d+s',
      `Images       web\\s+${shop}:1.4.0@sha256:[0-9a-f]{12}`, `             worker\\s+${shop}:1.4.0@sha256:[0-9a-f]{12}\n\\(Promote\\)$`].join('\n')))
    const no = await scene.say(scene.cy, '/convox builds info BXXXXXXXXXX')
    expect(no.text).toMatch(/^`build not found: BXXXXXXXXXX \(nearest: B[A-Z]{10}, B[A-Z]{10}\)`\nAll: `\/convox builds -a shop`\n/)
  })

  it('lists promotions and shows one: who, from, to, approvals, result, duration, reason', async () => {
    await scene.ana.command(scene.channel, `/convox deploy ${shop}:crash`)
    const card = await scene.card(/^Rolled back: /, 20_000)
    await scene.world.slack.until(() => /ERROR: /.test(JSON.stringify(scene.world.slack.thread(card).at(-1))))
    const list = await scene.say(scene.cy, '/convox promotions')
    const [head, newest, oldest] = unfolded(list.text)
    expect(head).toMatch(/^ID +RELEASE +FROM +STATUS\n +REQUESTED +BY +APPROVALS +TOOK\n +REASON$/)
    expect(newest).toMatch(new RegExp(`^P[A-Z]{10}  R[A-Z]{10}  ${first}  rolled back\n  ${age} +@ana  none needed  \\d+s\n  (web|worker) crashed at start \\(exit 1\\)$`))
    expect(oldest).toMatch(new RegExp(`^P[A-Z]{10}  ${first} +succeeded\n  ${age} +@ana  none needed  \\d+s$`))
    const id = newest?.slice(0, 11) ?? ''
    const info = await scene.say(scene.cy, `/convox promotions info ${id.toLowerCase()}`)
    expect(info.text).toMatch(new RegExp([
      `^Id         ${id}`, 'App        shop', `Release    R[A-Z]{10} image ${shop}:crash`,
      `From       ${first}`, 'Status     rolled back', `Requested  ${utc} by @ana`,
      'Approvals  none needed: approvals=0', `Started    ${utc}`, `Finished   ${utc}`,
      'Took       \\d+s', 'Deadline   10m', 'Reason     (web|worker) crashed at start \\(exit 1\\)',
      `Result     ERROR: rolled back to ${first}:\\s+(web|worker)\\s+crashed\\s+at\\s+start \\(exit 1\\)`].join('\n')))
    expect(info.buttons).toContain('Show card')
    const no = await scene.say(scene.cy, '/convox promotions info PXXXXXXXXXX')
    expect(no.text).toMatch(/^`promotion not found: PXXXXXXXXXX/)
    expect(no.text).toContain('All: `/convox promotions -a shop`')
    // A failed one is told from the others in the list of releases (design 7; answers.md, STATUS).
    expect((await scene.say(scene.cy, '/convox releases --text')).text)
      .toMatch(new RegExp(`^R[A-Z]{10}  failed  B[A-Z]{10}  ${age} +image ${shop}:crash$`, 'm'))
  })

  it('lists processes from the shared watch, without a request, and shows one (issue 3, ps)', async () => {
    await scene.world.cluster.settled()
    const listed = async () => (await scene.say(scene.cy, '/convox ps')).text
    await scene.world.slack.until(async () => unfolded(await listed()).length === 4)
    const asked = scene.world.cluster.requests().filter(({ path }) => path.includes('pods')).length
    const text = await listed()
    const [head, ...rows] = unfolded(text)
    expect(head).toMatch(/^ID +SERVICE +STATUS +RELEASE\n +STARTED +COMMAND$/)
    expect(rows).toHaveLength(3)
    expect(rows[0]).toMatch(new RegExp(`^web-\\w+-\\w+ +web +running +${first}\n  ${age} +bin/web$`))
    expect(rows[2]).toMatch(new RegExp(`^worker-\\w+-\\w+ +worker +running +${first}\n  ${age} +bin/work$`))
    expect(unfolded((await scene.say(scene.cy, '/convox ps --service worker')).text)).toHaveLength(2)
    const pod = rows[0]?.split(' ')[0] ?? ''
    expect((await scene.say(scene.cy, `/convox ps info ${pod}`)).text).toMatch(new RegExp([
      `^Id        ${pod}`, 'App       shop', 'Command   bin/web', 'Instance  instance-0a1b2c3d4e5f',
      `Release   ${first}`, 'Service   web', `Started   ${utc}`, 'Status    running',
      `Image     ${shop}:1.4.0@sha256:[0-9a-f]{12}`, 'Restarts  0$'].join('\n')))
    const no = await scene.say(scene.cy, `/convox ps info ${pod.slice(0, -1)}`)
    expect(no.text).toMatch(new RegExp(`^\`process not found: ${pod.slice(0, -1)} \\(nearest: ${pod}`))
    expect((await scene.click(scene.cy, no.message, no.buttons[0] ?? '')).text).toMatch(/^Id        web-/)
    expect(scene.world.cluster.requests().filter(({ path }) => path.includes('pods'))).toHaveLength(asked)
  })
})

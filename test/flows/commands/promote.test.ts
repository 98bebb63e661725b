import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { openPromotions } from '../../../src/db/promotions.ts'
import { promotionView } from '../../../src/rack/promotions.ts'
import { createShop, importFirst } from '../../support/story.ts'
import { shown } from '../../support/shown.ts'
import { idIn, startScene, type Scene } from './scene.ts'

const utc = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/.source

describe('promoting and rolling back', () => {
  let scene: Scene
  let shop: string
  let first: string
  let second: string
  beforeAll(async () => {
    scene = await startScene()
    shop = scene.world.shop
    await createShop(scene)
    first = await importFirst(scene)
  })
  afterAll(() => scene.close())

  const ended = async (like: RegExp): Promise<Message> => {
    const card = await scene.card(like, 20_000)
    await scene.world.slack.until(() => /(^|\n)OK\b|ERROR: /.test(scene.thread(card)) || /ERROR: /.test(JSON.stringify(scene.world.slack.thread(card))))
    return card
  }
  const lines = (card: Message): string[] => scene.thread(card).replaceAll('```', '').split('\n').filter((line) => line !== '')
  const statuses = (card: Message): string[] =>
    lines(card).filter((line) => line.includes(' system/k8s/atom/app ')).map((line) => line.slice(line.indexOf('Status:')))

  it('promotes the newest release when none is named, with the transcript of the seeds (answers.md, releases promote)', async () => {
    const said = await scene.say(scene.ana, '/convox releases promote')
    expect(said.text).toBe(`Promoting ${first}...\nThe card is in #shop-releases.\n(Show card)`)
    const card = await ended(new RegExp(`^Succeeded: ${first} `))
    const [head, ...rest] = lines(card)
    expect(head).toBe(`Promoting ${first}...`)
    expect(rest.at(-1)).toBe('OK')
    // The form of each line; the cluster's wording is its own (answers.md, general rules).
    for (const line of rest.slice(0, -1)) {
      expect(line).toMatch(new RegExp(`^${utc} (system/k8s/(atom/app|(web|worker)(-[a-z0-9]+)*)|system/convox/promotion) .+`))
    }
    expect(statuses(card)).toEqual(['Status: None => Pending', 'Status: Pending => Updating', 'Status: Updating => Running'])
    for (const kind of [
      /\/web Scaled up replica set web-\w+ /, /\/web-\w+ Created pod: web-\w+-\w+/,
      /\/web-\w+-\w+ Successfully assigned convox-shop\/web-/, /\/web-\w+-\w+ Pulling image "/, /\/web-\w+-\w+ Container started$/,
    ]) {
      expect(rest.some((line) => kind.test(line))).toBe(true)
    }
    expect(shown(card.blocks)).toContain('\n✓ `web` 2 of 2 ready `██████████`\n✓ `worker` 1 of 1 ready `██████████`\n')
    expect((await scene.click(scene.ana, said.message, 'Show card')).text).toBe(`The card of \`${first}\`: open it`)
    expect((await scene.say(scene.cy, '/convox releases --text')).text).toContain(`${first}  active  `)
  })

  it('asks before it promotes the active one again (answers.md; cards.md 7, row 41)', async () => {
    const before = await scene.counted()
    const no = await scene.say(scene.ana, `/convox releases promote ${first.toLowerCase()}`)
    expect(no.text).toBe(`\`${first} is already active\`\nPromote it again to restart every process.\n(Promote again)\nref ‹ref›`)
    expect(await scene.counted()).toBe(before)
    expect((await scene.click(scene.ana, no.message, 'Promote again')).text).toMatch(new RegExp(`^Promoting ${first}\\.\\.\\.\n`))
    await scene.world.slack.until(async () => (await scene.rows("select id from promotions where status = 'succeeded'")).length === 2, 20_000)
  })

  it('deploys in one line: import, then promote (answers.md, deploy)', async () => {
    const said = await scene.say(scene.ana, `/convox deploy ${shop}:1.4.1 --git-sha 0a1b2c3d4e5f --message "my commit message"`)
    expect(said.text)
      .toMatch(/^Deploying shop\nCreating build\.\.\. OK, B[A-Z]{10}\nCreating release\.\.\. OK, (R[A-Z]{10})\nPromoting \1\.\.\.\nThe card is in #shop-releases\.\n\(Show card\)$/)
    second = idIn(said.text, /release\.\.\. OK, /)
    const card = await ended(new RegExp(`^Succeeded: ${second} `))
    expect(statuses(card)[0]).toBe('Status: Running => Pending')
    expect((await scene.say(scene.cy, '/convox releases --text')).text).toMatch(new RegExp(`^${second}  active  .* build 0a1b2c3d4e my commit message$`, 'm'))
  })

  it('asks before it promotes an older one, then says so on the card (answers.md; design 7; cards.md 7, row 40)', async () => {
    const before = await scene.counted()
    const no = await scene.say(scene.ana, `/convox releases promote ${first} --deadline 20m`)
    expect(no.text).toBe(`\`${first} is older than the active ${second}\`\nPromote it all the same, if that is what you want.\n(Promote anyway)\nref ‹ref›`)
    expect(await scene.counted()).toBe(before)
    expect((await scene.click(scene.ana, no.message, 'Promote anyway')).text).toMatch(new RegExp(`^Promoting ${first}\\.\\.\\.\n`))
    await ended(new RegExp(`^Succeeded: ${first} `))
    await scene.world.slack.until(async () => (await scene.rows(`select id from promotions where release_id = '${first}' and status = 'succeeded'`)).length === 3, 20_000)
    // What was typed goes on with the button.
    expect(await scene.rows(`select deadline_seconds, warnings from promotions where release_id = '${first}' order by seq desc limit 1`))
      .toEqual([{ deadline_seconds: 1200, warnings: [{ kind: 'older', active: second }] }])
  })

  it('rolls back to a copy, with the transcript of the seeds (answers.md, releases rollback; seeds/convox-v3-release.txt)', async () => {
    const said = await scene.say(scene.ana, `/convox releases rollback ${second.toLowerCase()}`)
    const copy = idIn(said.text, /OK, /)
    expect(said.text).toBe(`Rolling back to ${second}... OK, ${copy}\nThe card is in #shop-releases.\n(Show card)`)
    const card = await ended(new RegExp(`^Succeeded: ${copy} `))
    expect(lines(card)[0]).toBe(`Rolling back to ${second}... OK, ${copy}`)
    expect(lines(card).at(-1)).toBe('OK')
    const info = (await scene.say(scene.cy, `/convox releases info ${copy}`)).text
    expect(info).toContain(`\nDescription  rollback to ${second}\n`)
    expect(info).toContain(`\nFrom         ${second}\n`)
  })

  it('refuses while the app is busy, before anything is written, and [Cancel and roll back] works (answers.md; issue 3, rollback)', async () => {
    // Busy for as long as it takes to read all of this on a slow machine.
    await scene.say(scene.bo, '/convox apps params set stability=60s -a shop')
    const slow = idIn((await scene.say(scene.ana, `/convox deploy ${shop}:slow`)).text, /release\.\.\. OK, /)
    await scene.card(/^Rolling out: /)
    await scene.say(scene.bo, '/convox apps params set stability=1s -a shop')
    // Told from a record that was read a moment before it began, it does not wait behind itself.
    const { rack } = scene.world.slipway()
    const moving = (await openPromotions(rack.db, 'convox', 'shop')).find(({ releaseId }) => releaseId === slow)
    if (moving === undefined) throw new Error(`${slow} does not move`)
    expect((await promotionView(rack, { ...moving, status: 'queued' })).queue).toBeNull()
    const before = await scene.counted()
    const busy = `app is currently updating: \`${slow}\`, asked by @ana, ‹ago›`
    const promote = await scene.say(scene.bo, `/convox releases promote ${second}`)
    // Older than the active copy: that question comes first.
    expect(promote.buttons).toEqual(['Promote anyway'])
    expect((await scene.click(scene.bo, promote.message, 'Promote anyway')).text)
      .toBe(`${busy}\nWait until its card is final, or stop it: \`/convox apps cancel shop\`\n(Queue it) (Show card)\nref ‹ref›`)
    const rollback = await scene.say(scene.bo, `/convox releases rollback ${first}`)
    expect(rollback.text).toBe(`${busy}\nCancel it, or wait until its card is final.\n(Cancel and roll back) (Show card)\nref ‹ref›`)
    expect(await scene.counted()).toBe(before)
    expect((await scene.say(scene.cy, '/convox releases --text')).text).toMatch(new RegExp(`^${slow}  promoting  `, 'm'))
    const viewer = await scene.say(scene.cy, `/convox releases rollback ${first}`)
    expect(viewer.text).toBe('You are a viewer here; rolling back needs a deployer.\nAsk an admin: @bo.\nref ‹ref›')
    const [said] = await scene.after(scene.bo, async () => {
      const clicked = await scene.bo.click(rollback.message, 'Cancel and roll back')
      // cards.md 2.5, dialog 2
      expect(clicked.dialog).toMatchObject({ title: 'Cancel and roll back?', confirm: 'Cancel and roll back', deny: 'Keep rolling out' })
    })
    const copy = idIn(said?.text ?? '', /OK, /)
    expect(said?.text).toMatch(new RegExp(`^Rolling back to ${first}\\.\\.\\. OK, ${copy}`))
    await scene.card(new RegExp(`^Rolled back: .* cancelled ${slow}\\.$`), 20_000)
    await ended(new RegExp(`^Succeeded: ${copy} `))
    expect((await scene.say(scene.cy, '/convox releases --text')).text).toMatch(new RegExp(`^${copy}  active  .*rollback to ${first}$`, 'm'))
  })

  it.each([
    [
      'releases promote RXXXXXXXXXX',
      /^`release not found: RXXXXXXXXXX \(nearest: R[A-Z]{10}, R[A-Z]{10}\)`\nAll: `\/convox releases -a shop`\n\(R[A-Z]{10}\) \(R[A-Z]{10}\)\nref ‹ref›$/,
    ],
    ['releases rollback RXXXXXXXXXX', /^`release not found: RXXXXXXXXXX \(nearest: /],
    ['releases rollback', /^`1 arg required`: `<id>`\nExample: `\/convox releases rollback RHBTZQNCEDS -a shop`\nref ‹ref›$/],
    ['releases promote --deadline 10x', /^Not a duration: `10x`\.\nWrite `90s`, `10m` or `2h`\.\nref ‹ref›$/],
    ['releases promote --deadline 1s', /^`deadline=1s` does not fit\.\nGive a time from 30s to 6h\.\nref ‹ref›$/],
    ['releases promote --deadline', /^`--deadline` needs a value: `<10m>`\nSee `\/convox help releases promote`\nref ‹ref›$/],
    ['releases promote --promot', /^Unknown flag: `--promot`\n`releases promote` knows `--deadline`, `--force`, `--queue`, `--override-freeze`\.\nref ‹ref›$/],
    ['releases promote one two', /^`no more than 1 arg expected`: `two`\nExample: `\/convox releases promote RMKPLXWQVTA -a shop`\nref ‹ref›$/],
  ])('refuses %s and writes nothing', async (command, says) => {
    const before = await scene.counted()
    expect((await scene.say(scene.ana, `/convox ${command}`)).text).toMatch(says)
    expect(await scene.counted()).toBe(before)
  })

  it('refuses a release whose env lacks a required key, with what to set (answers.md, required env)', async () => {
    const manifest = 'services:\n  web:\n    build: .\n    port: 5000\n    environment:\n      - NEEDED\n      - ALSO\n      - WITH=default\n'
    const release = await importFirst(scene, `${shop}:1.4.2`, manifest)
    const before = await scene.counted()
    expect((await scene.say(scene.ana, '/convox releases promote')).text)
      .toBe('`required env: ALSO, NEEDED`\n`/convox env set ALSO=… NEEDED=… -a shop`, then promote that release.\nref ‹ref›')
    expect(await scene.counted()).toBe(before)
    expect((await scene.say(scene.ana, '/convox env set NEEDED=1 ALSO=1 --promote')).text)
      .toMatch(new RegExp(`\nBase: ${release} \\(not active; active is R[A-Z]{10}\\)\nPromoting R[A-Z]{10}\\.\\.\\.\n`))
    await scene.card(/^Succeeded: .*/, 20_000)
  })

  it('asks before the Promote button of a list promotes on an app that wants no approval (cards.md 5)', async () => {
    await scene.world.slack.until(async () => (await scene.rows('select id from promotions where finished_at is null')).length === 0, 20_000)
    const release = idIn((await scene.say(scene.ana, '/convox env set BUTTON=1')).text)
    const list = await scene.say(scene.ana, '/convox releases --limit 1')
    const question = await scene.click(scene.ana, list.message, 'Promote')
    expect(question.text).toBe(`Promote \`${release}\` to \`shop\`? It starts at once.\n(Promote)`)
    expect(await scene.rows(`select id from promotions where release_id = '${release}'`)).toEqual([])
    expect((await scene.click(scene.ana, question.message, 'Promote')).text).toMatch(new RegExp(`^Promoting ${release}\\.\\.\\.\n`))
    await ended(new RegExp(`^Succeeded: ${release} `))
  })

  it('answers with what it waits for where approvals are wanted; a rollback to a proven release needs none (answers.md, end)', async () => {
    await scene.say(scene.bo, '/convox apps params set approvals=1')
    const said = await scene.say(scene.ana, '/convox env set APPROVED=1 --promote')
    const release = idIn(said.text)
    expect(said.text).toContain(`\nPromoting ${release}... waiting for approval (0 of 1)\nThe card is in #shop-releases.`)
    await scene.card(new RegExp(`^Waiting for approval: ana asks to promote ${release} to shop`))
    const back = await scene.say(scene.ana, `/convox releases rollback ${second}`)
    expect(back.text).toMatch(new RegExp(`^Rolling back to ${second}\\.\\.\\. OK, R[A-Z]{10}\n`))
    await ended(new RegExp(`^Succeeded: ${idIn(back.text, /OK, /)} `))
    const never = await scene.say(scene.ana, `/convox releases rollback ${release}`)
    expect(never.text).toMatch(new RegExp(`^Rolling back to ${release}\\.\\.\\. OK, R[A-Z]{10}, waiting for approval \\(0 of 1\\)\n`))
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setAppParams } from '../../../src/rack/app-params.ts'
import { changeEnv } from '../../../src/rack/env.ts'
import type { Actor } from '../../../sandbox/slack/driver.ts'
import type { View } from '../../../sandbox/slack/records.ts'
import { importImage } from '../../../src/rack/import-image.ts'
import { admin, cardOf, channelFor, channelsOf, quickApp, quickImport, quickPromote } from './quick-app.ts'
import { startStage, type Stage } from './stage.ts'

const apps = ['seen'] as const
const { id: channel } = channelFor('seen')

/** Long enough to be taken for a secret wherever it stands. */
const secret = 'hunter2-of-the-diff'

const before = `services:
  web: {build: ., command: bin/web, port: 5000, scale: 2}
  jobs: {build: ., command: "bin/jobs --key ${secret}"}
`
const after = `services:
  web: {build: ., command: bin/web --threads 4, port: 5000, health: /up, scale: 3}
  worker: {build: ., command: bin/work}
timers:
  clean: {schedule: "0 3 * * *", command: bin/clean, service: web}
release: {service: web, command: bin/migrate}
`

describe('Show diff', () => {
  let stage: Stage
  let first: string
  let second: string
  const shown = (view: View | undefined): string => JSON.stringify(view?.body.blocks ?? [])
  const opened = (like: RegExp, who: Actor = stage.bo): Promise<View> => stage.world.slack.until(() => [who.openView()].find((view) => view !== undefined && like.test(shown(view))))

  beforeAll(async () => {
    stage = await startStage({ slack: { channels: channelsOf(apps) } })
    const { rack } = stage.world.slipway()
    await quickApp(stage.world, { app: 'seen', channel })
    first = await quickImport(stage.world, 'seen', '1.4.0', before)
    await changeEnv(rack, admin, { app: 'seen', set: [['KEY', secret], ['OLD', 'old-value-of-the-diff']], unset: [], replace: false, base: null })
    const promoted = await quickPromote(stage.world, 'seen')
    const good = (await stage.rows(`select release_id from promotions where id = '${promoted}'`))[0]?.['release_id']
    first = String(good)
    await cardOf(stage.world, channel, new RegExp(`^Succeeded: ${first} `))
    await setAppParams(rack, admin, { app: 'seen', params: [['approvals', '1']] })
    await importImage(rack, admin, { app: 'seen', image: `${stage.world.shop}:1.4.2`, images: [], description: null, gitSha: '0a1b2c3d4e5f', message: 'faster *checkout* & <more>', base: null, manifest: after })
    const { release } = await changeEnv(rack, admin, { app: 'seen', set: [['KEY', `${secret}-anew`], ['NEW', 'new-value-of-the-diff']], unset: ['OLD'], replace: false, base: null })
    second = release
    await quickPromote(stage.world, 'seen', second)
  })
  afterAll(() => stage.close())

  it('opens on the card and says all there is to decide on, and no value', async () => {
    const card = await cardOf(stage.world, channel, new RegExp(`${second} `))
    await stage.bo.click(card, 'Show diff')
    const view = await opened(/If it fails/)
    const text = shown(view)
    for (const part of [
      'shop:1.4.0', 'shop:1.4.2', 'revision `0a1b2c3d4e` faster *checkout* &amp; &lt;more&gt;', 'added `NEW`', 'changed `KEY`', 'removed `OLD`',
      '• command `bin/web` → `bin/web --threads 4`', 'Added: `worker`, scale 1', 'Removed: `jobs`, which had scale 1', '• scale `2` → `3`', '• health.path `/` → `/up`',
      'Added: `clean`, 0 3 * * * on web', '`bin/migrate on web, at most 600s`', 'First the release command', `Back to \`${first}\` by itself, verified good`, 'What the release command did stays.',
    ]) expect(text).toContain(part)
    expect(text).not.toMatch(/of-the-diff/)
    await stage.bo.click(view, 'Send as a file')
    const name = `${second}-against-${first}.diff.txt`
    const file = await stage.world.slack.until(() => stage.world.slack.workspace.files().find((one) => one.name === name && one.completed))
    const content = Buffer.from(file.content ?? '', 'base64').toString()
    expect(content).toMatch(/^-  jobs: \{build: \., command: "bin\/jobs --key \*\*\*\*"\}$/m)
    expect(content).toMatch(/^\+release: \{service: web, command: bin\/migrate\}$/m)
    expect(content).toContain('  removed OLD')
    expect(content).not.toMatch(/of-the-diff/)
    await stage.bo.closeView(view)
  })

  it('opens for a viewer, and from promotions info in a thread', async () => {
    const card = await cardOf(stage.world, channel, new RegExp(`${second} `))
    const [{ id } = {}] = await stage.rows(`select id from promotions where release_id = '${second}'`)
    stage.cy.say(channel, `<@${stage.world.slack.workspace.bot.userId}> promotions info ${String(id)}`, { thread: card.ts })
    const answer = await stage.world.slack.until(() => stage.cy.ephemerals(channel).findLast((one) => JSON.stringify(one.blocks ?? []).includes(String(id))))
    await stage.cy.click(answer, 'Show diff')
    expect(shown(await opened(/If it fails/, stage.cy))).toContain('Manifest by service')
  })
})

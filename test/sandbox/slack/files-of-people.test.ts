import { describe, expect, it } from 'vitest'
import { transportKinds } from '../../../sandbox/slack/transport.ts'
import { boltFor } from './bolt-app.ts'
import { ana, bo, botToken, clientFor, closeAfterEach, general, refusal, releases, slackFor } from './workspace.ts'

closeAfterEach()

const manifest = 'services:\n  web:\n    image: web\n'

describe.each(transportKinds)('a file that a person shares, over %s', (transport) => {
  it('comes with the mention, and is read with the bot token', async () => {
    const slack = await slackFor({ transport, events: ['app_mention', 'file_shared'] })
    const heard: { type: string; files?: unknown }[] = []
    await boltFor(slack, (app) => app.event(/.*/, async ({ event }) => void heard.push({ ...event })))
    const id = slack.as(ana).upload('convox.yml', manifest)
    slack.as(ana).say(releases, '@convox releases create-from', { files: [id] })
    const mention = await slack.until(() => heard.find((one) => one.type === 'app_mention'))
    expect(mention).toMatchObject({ user: ana, files: [{ id, name: 'convox.yml', mimetype: 'text/yaml', size: manifest.length, user: ana }] })
    expect(await slack.until(() => heard.find((one) => one.type === 'file_shared'))).toMatchObject({ file_id: id, channel_id: releases, user_id: ana })
    const { file } = await clientFor(slack).files.info({ file: id })
    expect(file?.channels).toEqual([releases])
    const answer = await fetch(file?.url_private ?? '', { headers: { authorization: `Bearer ${botToken}` } })
    expect(await answer.text()).toBe(manifest)
    expect(slack.transcript(releases)).toBe('ana: @convox releases create-from\n  [file convox.yml]')
  })

  it('in a direct message is a message of its own kind', async () => {
    const slack = await slackFor({ transport })
    const heard: object[] = []
    await boltFor(slack, (app) => app.event('message', async ({ event }) => void heard.push({ ...event })))
    slack.as(ana).say(slack.as(ana).openHome(), 'here it is', { files: [slack.as(ana).upload('convox.yml', manifest)] })
    await slack.until(() => heard.length === 1)
    expect(heard[0]).toMatchObject({ subtype: 'file_share', channel_type: 'im', text: 'here it is', files: [{ name: 'convox.yml' }] })
  })
})

describe('the file of a person', () => {
  it('is not there for a bot that is not in its channel', async () => {
    const slack = await slackFor()
    const id = slack.as(ana).upload('convox.yml', manifest)
    const { file } = await clientFor(slack).files.info({ file: id })
    slack.as(ana).say(general, 'for us', { files: [id] })
    expect(await refusal(clientFor(slack).files.info({ file: id }))).toMatchObject({ error: 'file_not_found' })
    expect((await fetch(file?.url_private ?? '', { headers: { authorization: `Bearer ${botToken}` } })).status).toBe(404)
    slack.addBot(general)
    expect((await clientFor(slack).files.info({ file: id })).file?.id).toBe(id)
  })

  it('is shared by nobody else', async () => {
    const slack = await slackFor()
    const id = slack.as(ana).upload('convox.yml', manifest)
    expect(() => slack.as(bo).say(releases, 'mine', { files: [id] })).toThrow('has no file')
  })

  it('needs files:read, and answers a request without a token with the sign-in page', async () => {
    const slack = await slackFor({ scopes: ['chat:write'] })
    const id = slack.as(ana).upload('convox.yml', manifest)
    expect(await refusal(clientFor(slack).files.info({ file: id }))).toMatchObject({ error: 'missing_scope', needed: 'files:read' })
    const address = `${slack.pageUrl}files-pri/${id}/convox.yml`
    expect((await fetch(address, { headers: { authorization: `Bearer ${botToken}` }, redirect: 'manual' })).status).toBe(302)
  })
})

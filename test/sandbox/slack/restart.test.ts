import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fileJournal } from '../../../sandbox/journal.ts'
import { startSlack } from '../../../sandbox/slack/start.ts'
import { ana, botToken, clientFor, closeAfterEach, releases, startOptions } from './workspace.ts'

closeAfterEach()
const directory = mkdtempSync(join(tmpdir(), 'slack-'))
afterAll(() => rmSync(directory, { recursive: true }))

describe('a workspace that was killed', () => {
  it('comes back as it was, with timestamps that go on growing', async () => {
    const file = join(directory, 'slack.journal')
    const now = () => 1_800_000_000_000
    const first = await startSlack(startOptions({ journal: fileJournal(file), now }))
    const client = clientFor(first)
    const metadata = { event_type: 'e', event_payload: { k: 'P1:2', rev: 2 } }
    const { ts = '' } = await client.chat.postMessage({
      channel: releases,
      text: 'card',
      blocks: [{ type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Go' } }] }],
      metadata,
    })
    await client.chat.postMessage({ channel: releases, text: 'line', thread_ts: ts })
    await client.chat.postEphemeral({ channel: releases, user: ana, text: 'psst' })
    first.setChannel(releases, { topic: 'changed' })
    const before = { seen: first.seenBy(ana, releases), messages: first.messages(releases) }
    await first.close()

    // The journal of the killed process is never closed: what it acknowledged is in the file.
    const second = await startSlack(startOptions({ journal: fileJournal(file), now }))
    expect(second.seenBy(ana, releases)).toBe(before.seen)
    expect(second.messages(releases)).toEqual(before.messages)
    expect(second.workspace.channel(releases)?.topic).toBe('changed')
    const later = await clientFor(second, botToken).chat.postMessage({ channel: releases, text: 'later' })
    expect(Number(later.ts)).toBeGreaterThan(Number(second.messages(releases).at(-2)?.ts))
    await second.close()
  })
})

import { describe, expect, it } from 'vitest'
import { diffFile, diffSent, diffView } from '../../../src/bot/messages/diff-view.ts'
import { diffOf, hugeDiff, smallDiff } from './support/diffs.ts'
import { drawn, strings } from './support/seen.ts'
import { byStatus, huge, situations } from './support/views.ts'

describe('what would change', () => {
  it('says all there is to decide on: images, env keys, manifest by service, what must not be overlooked, the course and the way back', () => {
    const { view, whole } = diffView(diffOf(byStatus.awaiting_approval))
    expect(whole).toBe(true)
    expect(view.title.text).toBe('What would change')
    expect(drawn(view.blocks)).toBe([
      '`RMKPLXWQVTA` for `shop`, instead of `RHBTZQNCEDS`', 'env add:FOO', 'Asked for by @ana',
      '*Images*',
      '`web`, `worker`: `shop:1.4.1` (`sha256:9f3c1a7be042`) → `shop:1.4.2` (`sha256:b71aa04c55d1`)',
      '`jobs`: new, `jobs:1` (tag not pinned)',
      'Build `BXKQWMNVDTR` revision `0a1b2c3d4e` my commit message',
      'Before `BABCDEFGHIJ` revision `9f8e7d6c5b` the one before',
      '*Env keys*',
      'added `FOO`', 'changed `DATABASE_URL`', 'Values are never shown.',
      '*Manifest by service*',
      '`web`', '• command `bin/web` → `bin/web --threads 4`', '• declares `FOO`, required',
      '`worker`', '• no longer declares `OLD`',
      '⚠️ Added: `jobs`, scale 1', '⚠️ Renamed: `mailer` does what `mail` did, whose processes go', '⚠️ Removed: `cron`, which had scale 1',
      'no change in `static`',
      '*⚠️ Scale and probes*',
      '`web`', '• scale `2` → `3`', '• health.path `/` → `/up`',
      '*Timers*', '`clean`', '• schedule `0 3 * * *` → `0 4 * * *`',
      '*Configs*', 'Changed: `nginx`',
      '*⚠️ Release command*', '`bin/migrate on web, at most 600s` → `bin/migrate --all on web, at most 600s`',
      '*How it goes*', 'First the release command `bin/migrate --all on web, at most 600s`', 'It has 10 min to become ready, then it is watched for 30 s',
      '*If it fails*', 'Back to `RHBTZQNCEDS` by itself, verified good today 12:10: its images, env and manifest, whole.', 'What the release command did stays.',
      '[actions] (Send as a file)',
    ].join('\n'))
  })

  it.each([
    ['an env change', smallDiff(byStatus.awaiting_approval), ['*Images*\nno change in `web`, `worker`: `shop:1.4.2` (`sha256:b71aa04c55d1`)\nBuild `BXKQWMNVDTR`, as before', '*Env keys*\nadded `FOO`', '*Manifest by service*\nno change in `web`, `worker`', 'Back to `RHBTZQNCEDS` by itself, last verified good']],
    ['a first release', smallDiff(situations['first request']), ['`RMKPLXWQVTA` for `shop`, its first release', 'There is nothing to go back to: it is scaled to 0 and kept.']],
    ['a release without a build', { ...smallDiff(byStatus.awaiting_approval), builds: { before: null, after: null } }, ['*Images*\nno build, so nothing could run']],
    ['several racks', smallDiff({ ...byStatus.awaiting_approval, severalRacks: true }), ['`RMKPLXWQVTA` for `shop on prod`']],
    ['warnings', smallDiff(situations.warned), ['*Know first*\n⚠️ Warning: tag not pinned: `web` runs what `shop:1.4.2` is then\n⚠️ Warning: `RMKPLXWQVTA` is older than the active `RHBTZQNCEDS`\n']],
    ['scale alone', { ...smallDiff(byStatus.awaiting_approval), manifest: { changes: diffOf(byStatus.awaiting_approval).manifest.changes.filter(({ field }) => field === 'scale'), unchanged: [] } }, ['*Manifest by service*\nno other change than below\n*⚠️ Scale and probes*\n`web`\n• scale `2` → `3`']],
  ])('says of %s what is special about it', (_what, diff, parts) => {
    for (const part of parts) expect(drawn(diffView(diff).view.blocks)).toContain(part)
  })

  it('shows 12 services of 30 fields, and keeps to the limits of a modal', () => {
    const { view, whole } = diffView(hugeDiff(huge(byStatus.awaiting_approval), 12))
    expect(whole).toBe(true)
    expect(view.blocks.length).toBeLessThanOrEqual(100)
    expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThanOrEqual(250_000)
    for (const [, text] of strings(view.blocks)) expect(text.length).toBeLessThanOrEqual(3000)
    expect(drawn(view.blocks)).toContain('field.29')
  })

  it('says how much does not fit, and that it is a file', () => {
    const { view, whole } = diffView(hugeDiff(huge(byStatus.awaiting_approval), 60))
    expect(whole).toBe(false)
    expect(view.blocks.length).toBeLessThanOrEqual(100)
    expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThanOrEqual(250_000)
    expect(drawn(view.blocks)).toMatch(/The difference has \d+ lines; \d+ fit here\. All of it is a file in your direct messages\.$/)
  })
})

describe('the difference as a file', () => {
  it('has every line in plain text and then the two convox.yml', () => {
    const { name, content } = diffFile(diffOf(byStatus.awaiting_approval))
    expect(name).toBe('RMKPLXWQVTA-against-RHBTZQNCEDS.diff.txt')
    expect(content.split('\n').slice(0, 5)).toEqual(['RMKPLXWQVTA for shop, instead of RHBTZQNCEDS, asked for 2026-11-24 14:02 UTC', '', 'Images', '  web, worker: shop:1.4.1 (sha256:9f3c1a7be042) → shop:1.4.2 (sha256:b71aa04c55d1)', '  jobs: new, jobs:1 (tag not pinned)'])
    expect(content).toContain('\n\nIf it fails\n  Back to RHBTZQNCEDS by itself, verified good 2026-11-24 12:10 UTC: its images, env and manifest, whole.\n')
    expect(content).toMatch(/\n\n--- RHBTZQNCEDS\/convox\.yml\n\+\+\+ RMKPLXWQVTA\/convox\.yml\n@@ -1 \+1 @@\n-services: .*\n\+services: .*\n$/)
  })

  it('says that the convox.yml is the same', () => {
    expect(diffFile(smallDiff(byStatus.awaiting_approval)).content).toMatch(/\n\nThe convox\.yml is the same\.\n$/)
    expect(diffFile(smallDiff(situations['first request'])).name).toBe('RMKPLXWQVTA-against-nothing.diff.txt')
  })

  it('is announced to who asked for it', () => {
    expect(diffSent(diffOf(byStatus.awaiting_approval)).text).toBe('What RMKPLXWQVTA would change is a file in your direct messages.')
  })
})

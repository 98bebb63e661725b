import { describe, expect, it } from 'vitest'
import { outgoing } from '../../../sandbox/slack/outgoing-text.ts'
import { ana, bo, closeAfterEach, general, slackFor } from './workspace.ts'

closeAfterEach()

const cases: [string, string, string][] = [
  ['promote @bo #general', `promote <@${bo}|bo> <#${general}|general>`, `promote <@${bo}> <#${general}|general>`],
  ['@nobody #nowhere', '@nobody #nowhere', '@nobody #nowhere'],
  ['a & b <c>', 'a &amp; b &lt;c&gt;', 'a &amp; b &lt;c&gt;'],
  ['mail ana@example.com', 'mail ana@example.com', 'mail ana@example.com'],
  ['see https://a.test/x, ok', 'see <https://a.test/x>, ok', 'see <https://a.test/x>, ok'],
  [
    'registry.example.com/shop:1.2',
    '<http://registry.example.com/shop:1.2|registry.example.com/shop:1.2>',
    '<http://registry.example.com/shop:1.2|registry.example.com/shop:1.2>',
  ],
  ['--approvers=@ana,@bo', `--approvers=<@${ana}|ana>,<@${bo}|bo>`, `--approvers=<@${ana}>,<@${bo}>`],
  [`keep <@${ana}>`, `keep <@${ana}>`, `keep <@${ana}>`],
  ['@channel look', '<!channel> look', '<!channel> look'],
  ['127.0.0.1:5000/shop:good', '127.0.0.1:5000/shop:good', '127.0.0.1:5000/shop:good'],
  ['convox.yml', 'convox.yml', 'convox.yml'],
]

describe('what somebody typed', () => {
  it.each(cases)('%s leaves as Slack sends it', async (typed, asCommand, asMessage) => {
    const { workspace } = await slackFor()
    expect(outgoing(workspace, typed, { labels: true })).toBe(asCommand)
    expect(outgoing(workspace, typed, { labels: false })).toBe(asMessage)
  })
})

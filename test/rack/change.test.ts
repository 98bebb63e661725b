import { describe, expect, it } from 'vitest'
import { releaseChange, type ReleaseContent } from '../../src/rack/change.ts'

const at = new Date('2026-03-02T14:02:00Z')
const content = (command: string, message: string, env: Readonly<Record<string, string>>): ReleaseContent => ({
  env,
  build: {
    id: 'BABCDEFGHI', rack: 'prod', app: 'shop', description: '', manifest: `services:\n  frontend: {command: ${command}}\n`, gitSha: null, message, createdBy: 'U1', startedAt: at, createdAt: at,
    images: { frontend: { reference: `shop:${message.length}`, resolved: `shop:${message.length}`, pinned: false } },
  },
})

describe('the change that a card shows', () => {
  it('hides what a commit message or a manifest repeats of the environment, the old and the new', () => {
    const change = releaseChange(content('bin/web --key=old-value-1', 'first', { KEY: 'old-value-1' }), content('bin/web --key=new-value-2', 'the key is new-value-2 now', { KEY: 'new-value-2' }))
    expect(change.images.map(({ message }) => message)).toEqual(['the key is **** now'])
    expect(change.manifest.map(({ text }) => text)).toEqual(['frontend command bin/web --key=**** → bin/web --key=****'])
  })

  it('leaves short values, which are words of every manifest, and the names of services', () => {
    const change = releaseChange(content('run 3000', 'a', {}), content('run 3001', 'port 3001', { PORT: '3001', ROLE: 'frontend' }))
    expect([change.images[0]?.message, change.manifest[0]?.text]).toEqual(['port 3001', 'frontend command run 3000 → run 3001'])
  })
})

import { pino } from 'pino'
import { expect, test } from 'vitest'
import { writeDelivery } from '../../../src/bot/receive/delivery.ts'
import { leftOver, resume } from '../../../src/bot/receive/resume.ts'
import { createInbox } from './memory-inbox.ts'

const kept = (id: string, age: number) => ({
  id, receivedAt: new Date(1_000_000 - age),
  payload: writeDelivery({ id, incoming: { kind: 'command', text: 'apps' }, user: 'U1', channel: 'C1', direct: false, shared: false, responseUrl: null, threadTs: null }),
})

const begin = async (alone: boolean) => {
  const inbox = createInbox([kept('old', 40_000), kept('young', 1_000), { id: 'broken', payload: '?', receivedAt: new Date(0) }])
  const again: string[] = []
  const stop = new AbortController()
  const done = resume({ inbox, log: pino({ level: 'silent' }), alone, now: () => 1_000_000, again: (delivery) => void again.push(delivery.id), signal: stop.signal }, await leftOver(inbox))
  await new Promise((resolve) => setTimeout(resolve, 20))
  stop.abort()
  await done
  return { again, broken: inbox.kept.get('broken')?.handled }
}

test('alone, all that was left over is done again, and what cannot be read is forgotten', async () => {
  await expect(begin(true)).resolves.toEqual({ again: ['old', 'young'], broken: true })
})

test('beside other replicas, what one of them may be busy with waits', async () => {
  await expect(begin(false)).resolves.toEqual({ again: ['old'], broken: true })
})

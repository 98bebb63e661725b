import { describe, expect, it } from 'vitest'
import { ClusterRefusal } from '../../../src/rack/cluster/cluster-error.ts'
import { readLog } from '../../../src/rack/cluster/read-log.ts'

const query = { namespace: 'convox-shop', pod: 'web-1', container: 'main', previous: true, lines: 50, timeout: 2_000 }
const answering = (text: string) => ({ text: async () => text })
const refusing = (status: number) => ({
  text: async (): Promise<string> => {
    throw new ClusterRefusal(status, 'No', 'no')
  },
})

describe('reading a log', () => {
  it.each([
    ['as the kubelet gives it', 'starting\npanic: no\n', 'starting\npanic: no\n'],
    ['empty when the container said nothing', '', ''],
    ['as none when the kubelet has removed the container', 'unable to retrieve container logs for containerd://3dace49320af', null],
    ['as it is when a process says such words among others', 'unable to retrieve container logs for you, sorry\n', 'unable to retrieve container logs for you, sorry\n'],
  ])('answers it %s', async (_how, text, expected) => {
    expect(await readLog(answering(text), query)).toBe(expected)
  })

  it.each([400, 404])('answers none where the cluster says %d', async (status) => {
    expect(await readLog(refusing(status), query)).toBeNull()
  })

  it('throws what else the cluster says', async () => {
    await expect(readLog(refusing(403), query)).rejects.toMatchObject({ status: 403 })
  })
})

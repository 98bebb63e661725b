import { request } from 'undici'
import { z } from 'zod'

const statusShape = z.looseObject({ header: z.looseObject({ revision: z.string() }) })

const ask = async (etcd: string, path: string, body: object): Promise<unknown> => {
  const answer = await request(`${etcd}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`etcd answered ${path} with ${answer.statusCode}: ${text}`)
  return JSON.parse(text)
}

/** Has etcd forget every revision before its present one (`etcdctl compaction`). */
export const forgetHistory = async (etcd: string): Promise<void> => {
  const { header } = statusShape.parse(await ask(etcd, '/v3/maintenance/status', {}))
  await ask(etcd, '/v3/kv/compaction', { revision: header.revision, physical: true })
}

import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

const source = z.object({ name: z.string(), optional: z.boolean() })
const deployment = z.object({
  kind: z.literal('Deployment'),
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(z.object({ name: z.string(), volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean() })) })),
        volumes: z.array(z.object({ name: z.string(), projected: z.object({ sources: z.array(z.union([z.object({ configMap: source }), z.object({ secret: source })])) }) })),
      }),
    }),
  }),
})
const pod = deployment.parse(parseAllDocuments(read('deploy/slipway.yaml')).map((document): unknown => document.toJS()).find((one) => deployment.safeParse(one).success)).spec.template.spec

it('mounts the file of CONFIG_FILE where docs/config-file.md says, and starts without it', () => {
  const [mount] = pod.containers[0]?.volumeMounts ?? []
  const volume = pod.volumes.find(({ name }) => name === mount?.name)
  expect(volume?.projected.sources).toEqual([{ configMap: { name: 'slipway', optional: true } }, { secret: { name: 'slipway-kubeconfig', optional: true } }])
  const page = read('docs/config-file.md')
  const [, path = ''] = /"CONFIG_FILE":"([^"]+)"/.exec(page) ?? []
  expect([posix.dirname(path), mount?.readOnly]).toEqual([mount?.mountPath, true])
  // What `--from-file` makes of each: a file of that name.
  expect(page).toContain(`create configmap slipway --from-file=${posix.basename(path)}\n`)
  const kubeconfigs = [...page.matchAll(/^ +kubeconfig: (\S+)/gm)].map(([, one]) => one)
  expect(kubeconfigs).not.toEqual([])
  expect(page).toContain('create secret generic slipway-kubeconfig --from-file=kubeconfig\n')
  for (const one of kubeconfigs) expect(one).toBe(posix.join(mount?.mountPath ?? '', 'kubeconfig'))
})

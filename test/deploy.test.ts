import { readdirSync, readFileSync } from 'node:fs'
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
const role = z.object({
  kind: z.literal('Role'), metadata: z.object({ namespace: z.string() }),
  rules: z.array(z.object({ resources: z.array(z.string()), resourceNames: z.array(z.string()), verbs: z.array(z.string()) })),
})
const documents = parseAllDocuments(read('deploy/slipway.yaml')).map((document): unknown => document.toJS())
const pod = deployment.parse(documents.find((one) => deployment.safeParse(one).success)).spec.template.spec

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

it('may read the pull secret that docs/config-file.md names', () => {
  const { metadata, rules } = role.parse(documents.find((one) => role.safeParse(one).success))
  const readable = rules.flatMap(({ resources, resourceNames, verbs }) => (resources.includes('secrets') && verbs.includes('get') ? resourceNames : []))
  const documented = [...read('docs/config-file.md').matchAll(/^ +pullSecret: (\S+)/gm)].map(([, one]) => one)
  expect(documented).toEqual(readable.map((name) => `${metadata.namespace}/${name}`))
})

it('finds in README every place that a message or the Dockerfile sends to', () => {
  const sources = readdirSync(new URL('../src', import.meta.url), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts')).map((path) => `src/${path}`)
  const places = ['Dockerfile', 'docs/operating.md', ...sources].flatMap((path) => [...read(path).matchAll(/README, "([^"]+)"/g)].map(([, place = '']) => place))
  expect([...new Set(places)].toSorted()).toEqual(['Rights', 'What was tried, and what was not'])
  for (const place of places) expect(read('README.md')).toContain(`**${place}.**`)
})

it('keeps settings with their secrets out of the image', () => {
  expect(read('.dockerignore').split('\n')).toEqual(expect.arrayContaining(['.env', '.slipway']))
})

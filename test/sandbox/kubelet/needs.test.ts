import { describe, expect, it } from 'vitest'
import { invalidImageName, imageReference } from '../../../sandbox/kubelet/image-reference.ts'
import { environmentOf, failedMount } from '../../../sandbox/kubelet/needs.ts'
import { podOf } from './pod.ts'

const objects: Record<string, Record<string, string>> = {
  'secret/env': { A: 'secret a', B: 'secret b' },
  'configmap/settings': { A: 'map a', C: 'map c' },
}
const host = { data: async (kind: string, _namespace: string, name: string) => objects[`${kind}/${name}`] }

const environment = async (container: object) => {
  const pod = podOf('good', container)
  const [main] = pod.spec.containers
  if (main === undefined) throw new Error('no container')
  const found = await environmentOf(pod, main, host)
  return 'values' in found ? Object.fromEntries(found.values) : found.lacks
}

describe('what a container needs', () => {
  it.each([
    [
      { envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'env' } }], env: [{ name: 'B', value: 'own' }] },
      { A: 'secret a', B: 'own', C: 'map c' },
    ],
    [{ envFrom: [{ prefix: 'X_', secretRef: { name: 'env' } }] }, { X_A: 'secret a', X_B: 'secret b' }],
    [{ env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'env', key: 'A' } } }] }, { P: 'secret a' }],
    [{ env: [{ name: 'P', valueFrom: { configMapKeyRef: { name: 'settings', key: 'C' } } }] }, { P: 'map c' }],
    [{ envFrom: [{ secretRef: { name: 'gone', optional: true } }] }, {}],
    [{ env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'env', key: 'Z', optional: true } } }] }, {}],
    [{ envFrom: [{ secretRef: { name: 'gone' } }] }, 'secret "gone" not found'],
    [{ envFrom: [{ configMapRef: { name: 'gone' } }] }, 'configmap "gone" not found'],
    [{ env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'gone', key: 'A' } } }] }, 'secret "gone" not found'],
    [{ env: [{ name: 'P', valueFrom: { secretKeyRef: { name: 'env', key: 'Z' } } }] }, "couldn't find key Z in Secret shop/env"],
  ])('%j gives %j', async (container, expected) => {
    expect(await environment(container)).toEqual(expected)
  })

  it.each([
    [{ secret: { secretName: 'env' } }, undefined],
    [{ secret: { secretName: 'gone' } }, 'MountVolume.SetUp failed for volume "v" : secret "gone" not found'],
    [{ secret: { secretName: 'gone', optional: true } }, undefined],
    [{ configMap: { name: 'gone' } }, 'MountVolume.SetUp failed for volume "v" : configmap "gone" not found'],
    [
      { projected: { sources: [{ configMap: { name: 'kube-root-ca.crt' } }, { secret: { name: 'gone' } }] } },
      'MountVolume.SetUp failed for volume "v" : secret "gone" not found',
    ],
    [{ emptyDir: {} }, undefined],
  ])('the volume %j fails with %j', async (volume, expected) => {
    expect(await failedMount(podOf('good', {}, { volumes: [{ name: 'v', ...volume }] }), host)).toBe(expected)
  })
})

describe('an image reference', () => {
  it.each([
    ['shop', { repository: 'shop', tag: undefined, digest: undefined }],
    ['127.0.0.1:5000/a/shop', { repository: '127.0.0.1:5000/a/shop', tag: undefined, digest: undefined }],
    ['127.0.0.1:5000/shop:crash@sha256:ab', { repository: '127.0.0.1:5000/shop', tag: 'crash', digest: 'sha256:ab' }],
    ['shop@sha256:ab', { repository: 'shop', tag: undefined, digest: 'sha256:ab' }],
  ])('%s has its parts', (image, parts) => {
    expect(imageReference(image)).toEqual(parts)
  })

  it.each(['shop', 'shop:1.2', '127.0.0.1:5000/a/b-c/shop:x', `shop:1@sha256:${'a'.repeat(64)}`, 'registry.test/a__b/c:v_1'])('%s is valid', (image) => {
    expect(invalidImageName(image)).toBeUndefined()
  })

  it.each([
    ['127.0.0.1:5000/SHOP:ok', 'repository name (SHOP) must be lowercase'],
    ['shop:', 'invalid reference format'],
    ['shop@sha256:ab', 'invalid reference format'],
    ['-shop', 'invalid reference format'],
  ])('%s is not: %s', (image, cause) => {
    expect(invalidImageName(image)).toContain(cause)
  })
})

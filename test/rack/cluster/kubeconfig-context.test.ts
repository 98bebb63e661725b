import { expect, it } from 'vitest'
import { loadKubeConfig, openCredentials } from '../../../src/rack/cluster/credentials.ts'

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- { name: eu, cluster: { server: 'https://eu.example.com' } }
- { name: us, cluster: { server: 'https://us.example.com/' } }
users: [{ name: u, user: { token: t } }]
contexts:
- { name: prod-eu, context: { cluster: eu, user: u } }
- { name: prod-us, context: { cluster: us, user: u } }
current-context: prod-eu
`

it.each([
  ['its current one', null, 'https://eu.example.com'],
  ['another one', 'prod-us', 'https://us.example.com'],
])('a kubeconfig is read by %s of its contexts', (_which, context, server) => {
  expect(openCredentials(() => loadKubeConfig(kubeconfig, context)).server).toBe(server)
})

it('a context that it lacks is named before anything is asked', () => {
  expect(() => loadKubeConfig(kubeconfig, 'prod-ap')).toThrow(/names no cluster/)
})

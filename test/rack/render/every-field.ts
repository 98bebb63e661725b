import type { Manifest } from '../../../src/rack/manifest/manifest.ts'
import { imageKeys } from '../../../src/rack/manifest/image-keys.ts'
import { parseManifest } from '../../../src/rack/manifest/parse.ts'
import type { RenderInput } from '../../../src/rack/render/input.ts'

/** A convox.yml with every field that is rendered, and so every kind of object. */
export const everyField = `
environment:
  - LEVEL=info
configs:
  - id: app-config
    value: |
      {"colour": "blue"}
release:
  service: web
  command: bin/migrate --all
  deadline: 5m
services:
  web:
    image: shop:1.4.2
    command: bin/web
    port: 5000
    ports: [5001, 5001/udp, 5002/udp]
    domain: shop.example.com, www.shop.example.com
    health: /check
    liveness: {path: /live}
    startupProbe:
      path: /started
      failureThreshold: 30
    initContainer:
      image: tools:2
      command: bin/warm-up
    lifecycle:
      preStop: sh -c 'sleep 8'
      postStart: bin/hello
    volumes:
      - /data
      - /shared:/common
    volumeOptions:
      - emptyDir: {id: scratch, mountPath: /scratch, medium: Memory, sizeLimit: 64Mi}
    configMounts:
      - {id: app-config, dir: /etc/shop, filename: app.json}
    deployment:
      minimum: 75
      maximum: 150
      progressDeadline: 4m
      crashRestartLimit: 5
    scale:
      count: 2-6
      cpu: 250
      memory: 256
      targets: {cpu: 70, memory: 80}
    termination:
      grace: 45
  grpc:
    image: shop:1.4.2
    port: grpc:50051
    domain: ["grpc.example.com"]
  worker:
    image: shop:1.4.2
    command: bin/worker
    internal: true
    volumes:
      - /shared:/common
    scale: 0
  telemetry:
    image: agent:3
    agent: true
    port: 8080
    ports: [8125/udp, 8126]
    deployment:
      minimum: 80
  shipper:
    image: agent:3
    agent: true
timers:
  cleanup:
    schedule: "0 3 * * ? *"
    command: bin/cleanup --old
    service: worker
    concurrency: forbid
  report:
    schedule: "@daily"
    command: bin/report
    service: web
    parallelCount: 3
`

/** A manifest, which has to be right. */
export const manifestOf = (yaml: string): Manifest => {
  const parsed = parseManifest(yaml)
  if (!parsed.ok) throw new Error(parsed.errors.join('\n'))
  return parsed.manifest
}

/** Of every image. */
export const digest = `sha256:${'b'.repeat(64)}`

/** What a release of the manifest is rendered from; every service runs `shop:1.4.2`. */
export const inputOf = (yaml: string, changes: Partial<RenderInput> = {}): RenderInput => {
  const manifest = manifestOf(yaml)
  return {
    rack: 'convox',
    app: 'shop',
    installation: 'i-1234',
    release: { id: 'RMKPLXWQVTA' },
    build: {
      id: 'BXKQWMNVDTR', description: 'fix the cart', gitSha: '0a1b2c3d4e',
      images: Object.fromEntries(imageKeys(manifest).map((key) => [key, `${key === 'web/init' ? 'tools:2' : 'shop:1.4.2'}@${digest}`])),
    },
    manifest,
    env: { FOO: 'bar' },
    deadlineSeconds: 600,
    ingressClass: 'nginx',
    ...changes,
  }
}

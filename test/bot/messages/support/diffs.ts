import type { FieldChange } from '../../../../src/rack/diff/field-change.ts'
import type { PromotionDiff } from '../../../../src/rack/promotion-diff.ts'
import type { PromotionView } from '../../../../src/rack/promotion-view.ts'
import { at, hostile, R, RP } from './views.ts'

const change = (facts: Partial<FieldChange> & Pick<FieldChange, 'name' | 'field'>): FieldChange =>
  ({ subject: 'service', kind: 'changed', from: null, to: null, callout: null, important: false, ...facts })

const digest = (start: string): string => `sha256:${start}${'0'.repeat(64 - start.length)}`

/** The difference of cards.md 2.2, with one of everything. */
export const diffOf = (promotion: PromotionView): PromotionDiff => ({
  promotion,
  images: [
    { services: ['web', 'worker'], from: 'shop:1.4.1', fromDigest: digest('9f3c1a7be042'), to: 'shop:1.4.2', digest: digest('b71aa04c55d1'), gitSha: '0a1b2c3d4e', message: 'my commit message' },
    { services: ['jobs'], to: 'jobs:1' },
  ],
  kept: [],
  builds: { before: { id: 'BABCDEFGHIJ', gitSha: '9f8e7d6c5b4a', message: 'the one before' }, after: { id: 'BXKQWMNVDTR', gitSha: '0a1b2c3d4e5f', message: 'my commit message' } },
  env: { added: ['FOO'], changed: ['DATABASE_URL'], removed: [] },
  manifest: {
    changes: [
      change({ name: 'web', field: 'command', from: 'bin/web', to: 'bin/web --threads 4' }),
      change({ name: 'web', field: 'scale', from: '2', to: '3', callout: 'scale', important: true }),
      change({ name: 'web', field: 'health.path', from: '/', to: '/up', callout: 'probes', important: true }),
      change({ name: 'web', field: 'environment.FOO', kind: 'added', to: 'required' }),
      change({ name: 'worker', field: 'environment.OLD', kind: 'removed', from: 'with a default' }),
      change({ name: 'jobs', field: null, kind: 'added', to: 'scale 1', important: true }),
      change({ name: 'mailer', field: null, kind: 'renamed', from: 'mail', to: 'mailer', important: true }),
      change({ name: 'cron', field: null, kind: 'removed', from: 'scale 1', important: true }),
      change({ subject: 'timer', name: 'clean', field: 'schedule', from: '0 3 * * *', to: '0 4 * * *' }),
      change({ subject: 'config', name: 'nginx', field: null, kind: 'changed' }),
      change({ subject: 'release_command', name: '', field: null, from: 'bin/migrate on web, at most 600s', to: 'bin/migrate --all on web, at most 600s', important: true }),
    ],
    unchanged: ['static'],
  },
  releaseCommand: 'bin/migrate --all on web, at most 600s',
  back: promotion.target === null ? null : { release: promotion.target, verifiedAt: at('12:10') },
  raw: `--- ${RP}/convox.yml\n+++ ${R}/convox.yml\n@@ -1 +1 @@\n-services: {web: {scale: 2}}\n+services: {web: {scale: 3}}\n`,
})

/** Nothing to see: only the environment moved, by one key. */
export const smallDiff = (promotion: PromotionView): PromotionDiff => {
  const build = { id: 'BXKQWMNVDTR', gitSha: null, message: null }
  return {
    promotion, images: [], kept: [{ services: ['web', 'worker'], reference: 'shop:1.4.2', digest: digest('b71aa04c55d1') }], builds: { before: build, after: build }, env: { added: ['FOO'], changed: [], removed: [] },
    manifest: { changes: [], unchanged: ['web', 'worker'] }, releaseCommand: null, back: promotion.target === null ? null : { release: promotion.target, verifiedAt: null }, raw: '',
  }
}

const many = (count: number, name: (index: number) => string): string[] => Array.from({ length: count }, (_, index) => name(index))

/** So many services of 30 changed fields, 500 keys in each list, and every text hostile. */
export const hugeDiff = (promotion: PromotionView, services: number): PromotionDiff => {
  const names = many(services, (index) => `service-with-a-rather-long-name-${index}`)
  const keys = (prefix: string): string[] => many(500, (index) => `${prefix}_VERY_LONG_ENVIRONMENT_KEY_NUMBER_${index}`)
  const reference = `registry.example.com/${'deep/'.repeat(20)}shop:1`
  return {
    ...diffOf(promotion),
    images: names.map((name) => ({ services: [name], from: reference, fromDigest: digest('a'), to: `${reference}2`, digest: digest('b'), message: hostile.repeat(9) })),
    builds: { before: null, after: { id: 'BXKQWMNVDTR', gitSha: hostile, message: hostile.repeat(20) } },
    env: { added: keys('A'), changed: keys('B'), removed: keys('C') },
    manifest: {
      changes: names.flatMap((name) => many(30, (index) => `field.${index}`).map((field, index) =>
        change({ name, field, from: hostile.repeat(index), to: hostile.repeat(30 - index), callout: index % 3 === 0 ? 'probes' : null, important: index % 3 === 0 }))),
      unchanged: names.map((name) => `still-${name}`),
    },
    releaseCommand: hostile.repeat(9),
  }
}

import { refuse } from '../refusal.ts'
import type { Labels } from './objects.ts'

/** Kubernetes: a namespace, a k8s Service and a label's value (RFC 1123, RFC 1035). */
const nameLimit = 63

/** Kubernetes: a Secret (a DNS subdomain). */
const subdomainLimit = 253

/** Throws a RefusalError `name_too_long` for a name that Kubernetes would not take. Returns the name. */
export const checkedName = (name: string, what: string, limit = nameLimit): string =>
  name.length > limit ? refuse({ code: 'name_too_long', name, limit, what }) : name

/** The namespace of an app: `<rack>-<app>`. Throws when it is too long. */
export const namespaceOf = (rack: string, app: string): string => checkedName(`${rack}-${app}`, 'namespace')

/** The Secret with the env of one service in one release: `env-<release>-<service>`. Throws when it is too long. */
export const envSecretOf = (release: string, service: string): string => checkedName(`env-${release.toLowerCase()}-${service}`, 'Secret', subdomainLimit)

/** Whose objects these are. */
export interface Owner {
  readonly rack: string
  readonly app: string
  /** The id of this installation, kept in the database. */
  readonly installation: string
}

/** The labels by which we know our own objects again. Never Convox's `system=convox`: a real rack may live in the same cluster. */
export const ownerLabels = ({ rack, app, installation }: Owner): Labels => ({
  'app.kubernetes.io/managed-by': 'slipway',
  'slipway-installation': installation,
  rack,
  app,
})

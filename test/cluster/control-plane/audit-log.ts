import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

/** A request that the API server answered, as its audit log has it. */
export interface AuditedRequest {
  /** `get`, `list`, `watch`, `create`, `patch`, `delete`, … */
  readonly verb: string
  /** The path alone where it is about no object (`/livez`). */
  readonly path: string
  /** `pods/log` for a subresource; undefined where it is about no object. */
  readonly resource: string | undefined
  /** Empty outside namespaces. */
  readonly namespace: string
  /** Empty where the request names none: lists, and what is created. */
  readonly name: string
  readonly dryRun: boolean
  readonly code: number
}

/** The API server flags of an audit log in this folder that has every request of that user, and of nobody else. */
export const auditFlags = (folder: string, user: string): Record<string, string> => {
  const policy = `${folder}/audit-policy.json`
  writeFileSync(policy, JSON.stringify({
    apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules: [{ level: 'Metadata', users: [user] }, { level: 'None' }],
  }))
  return { 'audit-policy-file': policy, 'audit-log-path': auditLog(folder) }
}

const auditLog = (folder: string): string => `${folder}/audit.log`

const eventSchema = z.object({
  auditID: z.string(), verb: z.string(), requestURI: z.string(), responseStatus: z.object({ code: z.number() }),
  objectRef: z.object({ resource: z.string(), subresource: z.string().optional(), namespace: z.string().optional(), name: z.string().optional() }).optional(),
})

/** What was logged so far, each request once: a watch is told of when it begins and when it ends. */
export const auditedRequests = (folder: string): readonly AuditedRequest[] => {
  const lines = readFileSync(auditLog(folder), 'utf8').split('\n').slice(0, -1)
  const events = new Map(lines.map((line) => eventSchema.parse(JSON.parse(line))).map((event) => [event.auditID, event]))
  return [...events.values()].map(({ verb, requestURI, responseStatus, objectRef }) => {
    const url = new URL(requestURI, 'https://cluster')
    const { resource, subresource, namespace = '', name = '' } = objectRef ?? {}
    return {
      verb, path: url.pathname, namespace, name, code: responseStatus.code, dryRun: url.searchParams.has('dryRun'),
      resource: resource !== undefined && subresource !== undefined ? `${resource}/${subresource}` : resource,
    }
  })
}

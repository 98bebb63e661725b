/** One setting as people read of it; src/config.ts reads it. README's table is made of these. */
export interface Setting {
  readonly name: string
  /** What holds when it is left out, as Markdown; '' where it is needed or nothing takes its place. */
  readonly otherwise: string
  /** As Markdown, on one line. */
  readonly what: string
}

/** Every setting, in the order of README. */
export const settings: readonly Setting[] = [
  { name: 'SLACK_BOT_TOKEN', otherwise: 'needed', what: 'the bot token (`xoxb-…`)' },
  { name: 'SLACK_APP_TOKEN', otherwise: 'needed over Socket Mode', what: 'the app-level token (`xapp-…`) with `connections:write`' },
  { name: 'SLACK_SIGNING_SECRET', otherwise: 'Socket Mode', what: 'when set, Slack\'s deliveries come over HTTP, signed with it, to `PORT`, path `/slack/events`' },
  { name: 'SLACK_TRANSPORT', otherwise: '`http` with a signing secret, else `socket`', what: '`http` or `socket`, where both could be meant' },
  { name: 'SLACK_API_URL', otherwise: 'Slack', what: 'another address, ends in `/api/`' },
  { name: 'DATABASE_URL', otherwise: 'embedded', what: 'PostgreSQL, directly or through a pooler in session mode' },
  { name: 'DATA_DIR', otherwise: '`.slipway/data`', what: 'where the embedded database is: one process, for trying out; survives a killed process, not a power failure' },
  {
    name: 'SECRET_KEY', otherwise: 'needed with `DATABASE_URL`, else made beside `DATA_DIR`',
    what: '`id:base64(32 bytes)[,id:…]`: the first encrypts, all decrypt. To rotate: add the new one last everywhere, move it first, `npm run reencrypt`, remove the old one',
  },
  { name: 'KUBECONFIG', otherwise: 'in-cluster', what: 'a kubeconfig file' },
  { name: 'RACK', otherwise: '`convox`', what: 'begins every namespace: `<rack>-<app>`' },
  { name: 'CONFIG_FILE', otherwise: '', what: 'a YAML file with several racks, roles by id or user group, and who is one person: [docs/config-file.md](docs/config-file.md)' },
  { name: 'ADMINS', otherwise: 'owners and admins of the workspace', what: 'Slack ids' },
  { name: 'VIEWERS', otherwise: 'nobody', what: 'Slack ids of people who may only look; every other full member may deploy and approve' },
  { name: 'PORT', otherwise: '`3000`', what: '`/healthz` and `/readyz`; over HTTP also Slack\'s requests, `/slack/events`' },
  { name: 'INSTANCE_ID', otherwise: 'host name', what: 'who holds leases' },
  { name: 'DOCKER_CONFIG', otherwise: '', what: 'directory of a `config.json` whose `auths` resolve image tags' },
  { name: 'PLAIN_HTTP_REGISTRIES', otherwise: '', what: '`host:port,…` that speak plain http; loopback always does' },
  { name: 'PULL_SECRET', otherwise: '', what: "`namespace/name` of a Secret copied into each app's namespace for its pods" },
  { name: 'INGRESS_CLASS', otherwise: '`nginx`', what: 'class of the Ingresses of services with a `domain`' },
  { name: 'LOG_LEVEL', otherwise: '`info`', what: 'the log is JSON, redacted, and carries the `ref` that an error shows to its user' },
]

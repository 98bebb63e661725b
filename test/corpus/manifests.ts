/** What may differ between the services of the corpus. Seconds, counts and millicores, as convox.yml has them. */
export interface ServiceLines {
  /** A range where something else is to move it. */
  readonly scale?: number | `${number}-${number}`
  /** What an autoscaler of ours looks at, as YAML. */
  readonly targets?: string
  readonly cpu?: number
  readonly port?: boolean
  /** Lines of YAML of the service. */
  readonly more?: readonly string[]
  readonly health?: string
}

/** Small enough that the whole corpus fits on one node, and a health check whose budget is short in real seconds. */
const service = (name: string, { scale = 2, targets, cpu = 10, port = true, health = '{path: /health, interval: 1, grace: 1, timeout: 1}', more = [] }: ServiceLines): string[] => [
  `  ${name}:`,
  '    build: .',
  ...(port ? ['    port: 5000', `    health: ${health}`] : []),
  `    scale: {count: ${scale}, cpu: ${cpu}, memory: 16${targets === undefined ? '' : `, targets: ${targets}`}}`,
  '    termination: {grace: 10}',
  ...more.map((line) => `    ${line}`),
]

/** convox.yml of these services. */
export const manifestOf = (services: Readonly<Record<string, ServiceLines>>): string =>
  ['services:', ...Object.entries(services).flatMap(([name, lines]) => service(name, lines)), ''].join('\n')

/** A health check whose budget is 13 s: a slow start is no failure within it. */
export const patient = '{path: /health, interval: 3, grace: 1, timeout: 1}'

/** Two processes of `web` with a port. */
export const web = (lines: ServiceLines = {}): string => manifestOf({ web: lines })

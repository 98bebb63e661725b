import { defineRackCommand, type Command } from '../command.ts'
import { UsageFailure } from '../usage-error.ts'

const later = (name: string, argument: string, summary: string): Command =>
  defineRackCommand({
    name,
    summary,
    args: [{ name: argument, what: 'Not read yet.', required: false, many: true }],
    flags: [],
    anyFlags: true,
    role: 'deployer',
    example: name,
    run: async () => {
      throw new UsageFailure({ code: 'build_from_source' })
    },
  })

/** Commands of Convox that need a source directory or a build log: known by name, so that they say what to type instead. */
export const build = later('build', 'directory', 'Not available yet: building from source. Use builds import-image.')
export const buildsExport = later('builds export', 'id', 'Not available yet: use builds import-image.')
export const buildsImport = later('builds import', 'file', 'Not available yet: use builds import-image.')
export const buildsLogs = later('builds logs', 'id', 'Not available yet: use builds import-image.')

import { auditFile, auditFormats } from '../audit-file.ts'
import { defineRackCommand } from '../command.ts'
import { auditExportAnswer } from '../messages/audit-answers.ts'
import { namesFor } from '../people.ts'
import { say } from '../say.ts'
import { showList } from '../show-list.ts'
import { UsageFailure } from '../usage-error.ts'

export const audit = defineRackCommand({
  name: 'audit',
  summary: 'Shows who did, asked for and decided what: on the whole rack or on one app, by anybody or by one person.',
  args: [],
  flags: [
    { name: 'since', kind: 'duration', value: '7d', what: 'Only so far back.' },
    { name: 'by', kind: 'person', value: '@person', what: 'Only what this person did.' },
    { name: 'limit', short: 'l', kind: 'count', value: 'n', what: 'How many, 20 by default.' },
    { name: 'export', kind: 'text', value: 'csv|json', bare: 'csv', what: 'Sends all of it as a file by direct message; CSV when nothing else is said.' },
  ],
  role: 'admin',
  ofApp: true,
  example: 'audit -a shop --since 7d --export csv',
  notes: ['It outlives the app, holds ids and names and never a value of the env, and nobody can change it.'],
  run: async (context, args) => {
    const since = args.number.since === undefined ? undefined : new Date(context.clock().getTime() - args.number.since * 1000)
    const { by } = args.text
    const asked = { rack: context.rack.rack, app: context.askedApp, ...(since === undefined ? {} : { since }), ...(by === undefined ? {} : { by }) }
    const wanted = args.text.export?.toLowerCase()
    if (wanted === undefined) return showList(context, { list: 'audit', ...asked, page: { limit: args.number.limit ?? 20 } })
    const format = auditFormats.find((known) => known === wanted)
    if (format === undefined) throw new UsageFailure({ code: 'flag_needs_value', flag: '--export', value: auditFormats.join('|'), command: 'audit' })
    const { rows, more } = await context.rack.exportAudit(context.caller, { app: asked.app, since: since ?? null, by: by ?? null })
    const severalRacks = context.racks.length > 1
    const about = asked.app === null ? asked.rack : severalRacks ? `${asked.rack}-${asked.app}` : asked.app
    const name = `audit-${about}${by === undefined ? '' : `-${by}`}.${format}`
    const names = await namesFor(context, by === undefined ? [] : [by])
    return say(context, auditExportAnswer({ rows: rows.length, more }, asked, { name, content: auditFile(rows, format) }, severalRacks, names))
  },
})

import { includesRole } from '../rack/actor.ts'
import type { Command } from './command.ts'
import type { Context } from './context.ts'
import { callerAt } from '../rack/authorize.ts'
import type { Operations } from '../rack/operations.ts'
import { findApp, findAppOfChannel, findRack, type Found } from './find-app.ts'
import { racksOfApp } from './find-rack.ts'
import { openMenu } from './menu.ts'
import type { Attempt } from './no.ts'
import { onRack } from './on-rack.ts'
import { parse, type Fix, type Parsed } from './parse.ts'
import { onApp } from './retype.ts'
import { tokenize, type Token } from './tokenize.ts'
import { UsageFailure } from './usage-error.ts'

/** Words of a typed text. Throws `UsageFailure` for a quote that is not closed. */
export const wordsOf = (text: string): readonly Token[] => {
  const read = tokenize(text)
  if (!read.ok) throw new UsageFailure({ code: 'unclosed_quote', quote: read.before })
  return read.tokens
}

const appFor = async (context: Context, parsed: Parsed, attempt: Attempt): Promise<Found> => {
  try {
    return await findApp(context.racks, context.place, parsed, (app) => racksOfApp(context, app))
  } catch (error) {
    if (error instanceof UsageFailure && (error.problem.code === 'app_needed' || error.problem.code === 'channel_without_app')) {
      const rows = await findRack(context.racks, parsed.rack).listApps({ actor: context.caller.actor })
      attempt.fixes = rows.map(({ app }) => ({ label: app, tokens: onApp(parsed, app) }))
    }
    throw error
  }
}

/** The rack a command without an app of its own runs on, and the app that was named all the same. */
const rackFor = async (context: Context, parsed: Parsed): Promise<{ readonly rack: Operations; readonly askedApp: string | null }> => {
  if (parsed.command.ofApp === true && (parsed.app !== null || parsed.appChannel !== null)) {
    const { rack, app } = await findApp(context.racks, context.place, parsed, (name) => racksOfApp(context, name))
    return { rack, askedApp: app }
  }
  const rack = findRack(context.racks, parsed.rack)
  return { rack, askedApp: parsed.appChannel === null ? parsed.app : (await findAppOfChannel([rack], parsed.appChannel)).app }
}

/** Nobody is offered what they would be refused. Where roles differ from place to place, the place itself says no. */
const mayRun = ({ tokens }: Fix, { caller }: Context, commands: readonly Command[]): boolean => {
  const result = parse(tokens, commands)
  return result.kind !== 'run' || caller.actor.at !== undefined || includesRole(caller.actor.role, result.parsed.command.role)
}

/** Runs words: reads them by the definitions, finds rack and app, runs the command. `attempt` is filled as things become known. */
export const runTyped = async (tokens: readonly Token[], context: Context, commands: readonly Command[], attempt: Attempt): Promise<void> => {
  const result = parse(tokens, commands)
  if (result.kind === 'problem') {
    attempt.fixes = result.fixes.filter((fix) => mayRun(fix, context, commands))
    throw new UsageFailure(result.problem)
  }
  if (result.kind === 'menu') return openMenu(context)
  const { parsed } = result
  attempt.parsed = parsed
  attempt.app = parsed.app
  const { command } = parsed
  if (command.scope === 'rack') {
    const { rack, askedApp } = await rackFor(context, parsed)
    attempt.rack = rack.rack
    return command.run({ ...onRack(context, rack), caller: callerAt(context.caller, rack.rack, null), rackSaid: parsed.rack !== null, askedApp }, parsed.args)
  }
  const { rack, app } = await appFor(context, parsed, attempt)
  attempt.app = app
  attempt.rack = rack.rack
  return command.run({ ...onRack(context, rack), app, caller: callerAt(context.caller, rack.rack, app) }, parsed.args)
}

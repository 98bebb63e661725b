import { callerAt } from '../rack/authorize.ts'
import { includesRole } from '../rack/actor.ts'
import type { Context } from './context.ts'
import { appsOfPlace } from './find-app.ts'
import { menuCommands, menuMessage, whichAppMessage, type AppChoice } from './messages/menu.ts'
import type { Offer } from './messages/reply.ts'
import { onRack, rememberedText } from './on-rack.ts'
import { word } from './parse.ts'
import { writeQuestion } from './retype.ts'
import { say } from './say.ts'

/** A look that is no use of the delivery. */
const looking = ({ caller }: Context) => ({ actor: caller.actor })

/** What next for one app, by the person's role there. */
export const openAppMenu = async (context: Context, app: string): Promise<void> => {
  const { role } = callerAt(context.caller, context.rack.rack, app).actor
  const { moving } = await context.rack.appInfo(looking(context), app)
  const forMe = (await context.rack.waitingForMe(looking(context))).filter((request) => request.app === app)
  const facts = { app, moving, forMe }
  const offers: Offer[] = []
  for (const { label, command, dialog } of menuCommands(role, facts)) {
    const rack = context.racks.length > 1 ? ['--rack', context.rack.rack] : []
    const question = await context.inbox.keepQuestion(writeQuestion([...command.split(' '), ...rack].map(word)))
    offers.push({ label, question, ...(dialog === undefined ? {} : { dialog }) })
  }
  await say(context, menuMessage(role, facts, offers))
}

/** Nothing typed: what next for the channel's app, or which app. */
export const openMenu = async (context: Context): Promise<void> => {
  const here = await appsOfPlace(context.racks, context.place)
  const [only] = here
  if (only !== undefined && here.length === 1) return openAppMenu(onRack(context, only.rack), only.app)
  const several = context.racks.length > 1
  const choices: AppChoice[] = []
  for (const rack of context.racks) {
    const names = here.length > 0 ? here.filter((found) => found.rack === rack).map(({ app }) => app) : (await rack.listApps(looking(context))).map(({ app }) => app)
    choices.push(...names.map((app) => (several ? { label: `${app} on ${rack.rack}`, value: rememberedText(rack.rack, app) } : { label: app, value: app })))
  }
  const forMe = (await Promise.all(context.racks.map((rack) => rack.waitingForMe(looking(context))))).flat()
  const mayCreate = context.racks.some((rack) => includesRole(callerAt(context.caller, rack.rack, null).actor.role, 'admin'))
  return say(context, whichAppMessage(choices, forMe, mayCreate))
}

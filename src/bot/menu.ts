import { callerAt } from '../rack/authorize.ts'
import type { Context } from './context.ts'
import { appsOfPlace } from './find-app.ts'
import { menuCommands, menuMessage, whichAppMessage } from './messages/menu.ts'
import type { Offer } from './messages/reply.ts'
import { onRack } from './on-rack.ts'
import { word } from './parse.ts'
import { writeQuestion } from './retype.ts'
import { say } from './say.ts'

/** What next for one app, by the person's role. */
export const openAppMenu = async (context: Context, app: string): Promise<void> => {
  const { role } = callerAt(context.caller, context.rack.rack, app).actor
  const { moving, waiting } = await context.rack.appInfo(context.caller, app)
  const facts = { app, moving, waiting }
  const offers: Offer[] = []
  for (const { label, command } of menuCommands(role, facts)) {
    const rack = context.racks.length > 1 ? ['--rack', context.rack.rack] : []
    offers.push({ label, question: await context.inbox.keepQuestion(writeQuestion([...command.split(' '), ...rack].map(word))) })
  }
  await say(context, menuMessage(role, facts, offers))
}

/** Nothing typed: what next for the channel's app, or which app. */
export const openMenu = async (context: Context): Promise<void> => {
  const here = await appsOfPlace(context.racks, context.place)
  const [only] = here
  if (only !== undefined && here.length === 1) return openAppMenu(onRack(context, only.rack), only.app)
  const apps = here.length > 0 ? here.map(({ app }) => app) : (await context.rack.listApps(context.caller)).map(({ app }) => app)
  return say(context, whichAppMessage(apps))
}

import type { Answer } from './blocks.ts'
import type { Context } from './context.ts'
import { appsAnswer } from './messages/app-answers.ts'
import { actorsIn, auditAnswer } from './messages/audit-answers.ts'
import { buildsAnswer } from './messages/build-answers.ts'
import { peopleIn, promotionsAnswer } from './messages/promotion-answers.ts'
import { releasesAnswer } from './messages/release-answers.ts'
import type { ListAsk } from './page-value.ts'
import { namesFor } from './people.ts'
import { say } from './say.ts'

const appOf = ({ list, app }: ListAsk): string => {
  if (app === null) throw new Error(`a list of ${list} without its app`)
  return app
}

const draw = async (context: Context, ask: ListAsk): Promise<Answer> => {
  const { rack, caller, clock } = context
  switch (ask.list) {
    case 'releases': return releasesAnswer(await rack.listReleases(caller, { app: appOf(ask), ...ask.page }), ask)
    case 'builds': return buildsAnswer(await rack.listBuilds(caller, { app: appOf(ask), ...ask.page }), ask, clock())
    case 'promotions': {
      const page = await rack.listPromotions(caller, { app: appOf(ask), ...ask.page })
      return promotionsAnswer(page, ask, clock(), await namesFor(context, peopleIn(page.rows)))
    }
    case 'apps': return appsAnswer(await rack.pageThroughApps(caller, ask.page), ask, caller.actor.role === 'admin')
    case 'audit': {
      const page = await rack.listAudit(caller, { app: ask.app, since: ask.since ?? null, by: ask.by ?? null, ...ask.page })
      return auditAnswer(page, ask, context.racks.length > 1, await namesFor(context, [...actorsIn(page.rows), ...(ask.by === undefined ? [] : [ask.by])]))
    }
  }
}

/** Answers with one page of a list, with buttons to the pages beside it; `replace` redraws the page a button stood under. */
export const showList = async (context: Context, ask: ListAsk, options?: { readonly replace?: boolean }): Promise<void> => say(context, await draw(context, ask), options)

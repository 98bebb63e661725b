import { z } from 'zod'
import { checkView } from '../block-rules.ts'
import type { ViewBody } from '../blocks/blocks.ts'
import { viewShape } from '../views.ts'
import { fromJson, messageBlocks } from './arguments.ts'
import { method } from './method.ts'
import { invalidArguments, Refused } from './refused.ts'

const body = (value: unknown, type?: ViewBody['type']): ViewBody => {
  if (value === undefined) throw invalidArguments(['[ERROR] missing required field: view [json-pointer:/]'])
  const verdict = checkView(fromJson(value, 'invalid_arguments'))
  if (!verdict.ok) throw invalidArguments(verdict.messages)
  if (type && verdict.value.type !== type) throw invalidArguments([`[ERROR] must be one of: ${type} [json-pointer:/view/type]`])
  return verdict.value
}

/** views.* and blocks.validate: docs.slack.dev reference/methods. */
export const viewMethods = {
  'views.open': method({ scopes: [], tier: 4, args: { trigger_id: z.string(), view: z.unknown().optional() } }, (args, { workspace, views }) => ({
    view: viewShape(workspace, views.open(args.trigger_id, body(args.view, 'modal'))),
  })),
  'views.push': method({ scopes: [], tier: 4, args: { trigger_id: z.string(), view: z.unknown().optional() } }, (args, { workspace, views }) => ({
    view: viewShape(workspace, views.push(args.trigger_id, body(args.view, 'modal'))),
  })),
  'views.update': method(
    {
      scopes: [],
      tier: 4,
      args: { view: z.unknown().optional(), view_id: z.string().optional(), external_id: z.string().optional(), hash: z.string().optional() },
    },
    (args, { workspace, views }) => {
      if (!args.view_id === !args.external_id) throw invalidArguments(['[ERROR] must provide either view_id or external_id [json-pointer:/]'])
      return { view: viewShape(workspace, views.update(args, body(args.view))) }
    },
  ),
  'views.publish': method(
    { scopes: [], tier: 4, args: { user_id: z.string(), view: z.unknown().optional(), hash: z.string().optional() } },
    (args, { workspace, views }) => {
      if (!workspace.person(args.user_id)) throw new Refused('user_not_found')
      return { view: viewShape(workspace, views.publish(args.user_id, body(args.view, 'home'), args.hash)) }
    },
  ),
  'blocks.validate': method({ scopes: [], tier: 4, args: { blocks: z.unknown().optional(), view: z.unknown().optional() } }, (args) => {
    if (args.view !== undefined) body(args.view)
    else if (messageBlocks(args.blocks) === undefined) throw invalidArguments(['[ERROR] must provide blocks or view [json-pointer:/]'])
    return {}
  }),
}

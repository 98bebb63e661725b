import type { Refusal } from '../../rack/refusal.ts'
import { promotionValue, releaseValue } from '../action-ids.ts'
import { button, type Message } from '../blocks.ts'
import { gateCodes, gateReply, queueButton, type GateRefusal } from './refusals-of-gates.ts'
import { decisionCodes, decisionReply, type DecisionRefusal } from './refusals-of-decisions.ts'
import { ago, code, enumerated, joined, person, say, type Names, type Phrase } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { reply, replyMessage, type Reply, type ReplyContext } from './reply.ts'
import { serviceCodes, serviceReply, type ServiceRefusal } from './refusals-of-parts.ts'

/** At most so many nearest ids are named; each is a button too. */
const nearestShown = 3

const notFound = (what: string, id: string, nearest: readonly string[]): Phrase => {
  const near = nearest.slice(0, nearestShown)
  return near.length === 0 ? say`${code(`${what} not found: ${cut(id, 60)}`)}` : say`${code(`${what} not found: ${cut(id, 60)} (nearest: ${near.join(', ')})`)}`
}

/** Of what a button named, no app is known. */
const listing = (command: string, app: string): Phrase => say`All: ${code(app === '' ? '/convox apps' : `/convox ${command} -a ${app}`)}`

const busy = (refusal: Extract<Refusal, { code: 'app_busy' }>, rollbackTo: string | undefined): Reply => {
  const { app } = refusal
  const showCard = button({ action: 'show_card', label: 'Show card', value: promotionValue(refusal.promotion, null), about: `${refusal.release} on ${app}` })
  const stop = button({
    ...(rollbackTo === undefined
      ? { action: 'cancel_rollout' as const, value: promotionValue(refusal.promotion, null) }
      : { action: 'cancel_and_roll_back' as const, value: releaseValue(app, rollbackTo) }),
    label: 'Cancel and roll back', about: `${refusal.release} on ${app}`, style: 'danger',
    dialog: {
      title: 'Cancel and roll back?',
      text: `${cut(app, 80)} stops rolling out ${refusal.release} and goes back to ${rollbackTo ?? 'the release before it'}. What a release command did stays.`,
      confirm: 'Cancel and roll back', deny: 'Keep rolling out', danger: true,
    },
  })
  const says = say`app is currently updating: ${code(refusal.release)}, asked by ${person(refusal.requester)}, ${ago(refusal.since)}`
  if (refusal.asked === 'rollback' && refusal.status === 'rolling_out') return reply(says, say`Cancel it, or wait until its card is final.`, [stop, showCard])
  const queue = refusal.again === undefined ? [] : [queueButton(app, refusal.again)]
  return reply(says, say`Wait until its card is final, or stop it: ${code(`/convox apps cancel ${app}`)}`, [...queue, showCard])
}

const promoteButton = (action: 'promote_again' | 'promote_anyway', label: string, { app, release }: { readonly app: string; readonly release: string }) =>
  button({ action, label, value: releaseValue(app, release), about: `${release} on ${app}` })

const appReply = (refusal: Exclude<Refusal, DecisionRefusal | ServiceRefusal | GateRefusal>, rollbackTo: string | undefined): Reply => {
  switch (refusal.code) {
    case 'app_not_found': return reply(say`${code(`app not found: ${refusal.app}`)}`,
      refusal.nearest.length === 0
        ? say`All: ${code('/convox apps')}`
        : say`Did you mean ${enumerated(refusal.nearest.slice(0, nearestShown).map((app) => code(app)), 'or')}? All: ${code('/convox apps')}`)
    case 'app_exists':
      return reply(say`App ${code(refusal.app)} exists already.`, say`See ${code(`/convox apps info ${refusal.app}`)}, or choose another name.`)
    case 'app_deleting':
      return reply(say`App ${code(refusal.app)} is still being deleted.`, say`Try again in a minute, or choose another name.`)
    case 'app_name_invalid':
      return reply(
        say`${code(refusal.app)} cannot be an app's name: ${refusal.why}.`,
        say`Choose another, of lower-case letters, digits and hyphens, such as ${code('shop')}.`,
      )
    case 'app_not_empty':
      if (!refusal.moving) {
        return reply(
          say`${code(refusal.app)} has an open request: ${code(refusal.release)}.`,
          say`Cancel it on its card first: ${code(`/convox promotions info ${refusal.promotion}`)}`,
        )
      }
      return reply(
        say`${code(refusal.app)} is rolling out ${code(refusal.release)}.`,
        say`Cancel the rollout first: ${code(`/convox apps cancel ${refusal.app}`)}`,
      )
    case 'confirm_delete': return reply(say`This deletes ${code(refusal.namespace)}; no way back.`, say`Add ${code(`--confirm ${refusal.app}`)}.`)
    case 'release_not_found': return reply(notFound('release', refusal.release, refusal.nearest), listing('releases', refusal.app))
    case 'release_of_other_app': return reply(say`${code(`release ${refusal.release} belongs to app ${refusal.other}`)}`,
      say`Add ${code(`-a ${refusal.other}`)}, or see ${code(`/convox releases -a ${refusal.app}`)}.`)
    case 'build_not_found': return reply(notFound('build', refusal.build, refusal.nearest), listing('builds', refusal.app))
    case 'promotion_not_found': return reply(notFound('promotion', refusal.promotion, refusal.nearest), listing('promotions', refusal.app))
    case 'process_not_found': return reply(notFound('process', refusal.process, refusal.nearest), listing('ps', refusal.app))
    case 'env_not_found': return reply(say`${code(`env not found: ${refusal.key}`)}`, say`Keys now: ${code(`/convox env -a ${refusal.app}`)}`)
    case 'no_releases': return reply(say`${code('no releases to promote')}`, say`Start with ${code(`/convox builds import-image <image> -a ${refusal.app}`)}`)
    case 'no_build':
      return reply(say`${code(`no build for release: ${refusal.release}`)}`, say`${code(`/convox builds import-image <image> --manifest -a ${refusal.app}`)}`)
    case 'no_active_release':
      return reply(say`${code(`no active release for ${refusal.app}`)}`, say`Promote one first: ${code(`/convox releases -a ${refusal.app}`)}`)
    case 'needs_one_of': return reply(
      say`${code(refusal.both ? `specify only one of ${refusal.flags.join(' and ')}` : `must specify either ${refusal.flags.join(' or ')}`)}`,
      say`See ${code('/convox help releases create-from')}`)
    case 'required_env': return reply(say`${code(`required env: ${refusal.keys.join(', ')}`)}`,
      say`${code(`/convox env set ${refusal.keys.slice(0, 4).map((key) => `${key}=…`).join(' ')} -a ${refusal.app}`)}, then promote that release.`)
    case 'app_busy': return busy(refusal, rollbackTo)
    case 'already_active': return reply(say`${code(`${refusal.release} is already active`)}`, say`Promote it again to restart every process.`, [
      promoteButton('promote_again', 'Promote again', refusal)])
    case 'older_release':
      return reply(say`${code(`${refusal.release} is older than the active ${refusal.active}`)}`, say`Promote it all the same, if that is what you want.`, [
        promoteButton('promote_anyway', 'Promote anyway', refusal)])
    case 'not_updating':
      return reply(say`${code(refusal.app)} is not rolling anything out.`, say`Nothing to cancel: see ${code(`/convox promotions -a ${refusal.app}`)}`)
    case 'params_unchanged': return reply(say`${code('nothing would change')}`, say`Params now: ${code(`/convox apps params ${refusal.app}`)}`)
    case 'param_unknown':
      return reply(say`Unknown param: ${code(cut(refusal.name, 60))}.`, say`Params are ${joined(refusal.known.map((name) => code(name)), ', ')}.`)
    case 'param_invalid': return reply(say`${code(cut(`${refusal.name}=${refusal.value}`, 80))} does not fit.`, say`Give ${cleanText(refusal.expected)}.`)
    case 'namespace_not_ours':
      return reply(say`Namespace ${code(refusal.namespace)} exists without our labels, so it is left alone.`, say`Choose another app name.`)
    case 'name_too_long':
      return reply(say`${code(cut(refusal.name, 80))} is too long: ${refusal.what} has at most ${refusal.limit} characters.`, say`Choose a shorter name.`)
  }
}

const isDecision = (refusal: Refusal): refusal is DecisionRefusal => decisionCodes.some((known) => known === refusal.code)
const isOfGates = (refusal: Refusal): refusal is GateRefusal => gateCodes.some((known) => known === refusal.code)
const isOfParts = (refusal: Refusal): refusal is ServiceRefusal => serviceCodes.some((known) => known === refusal.code)

/** Two lines and buttons for each expected no. */
export const refusalReply = (refusal: Refusal, rollbackTo?: string, names: Names = {}): Reply => {
  if (isOfGates(refusal)) return gateReply(refusal, names)
  if (isDecision(refusal)) return decisionReply(refusal, names)
  return isOfParts(refusal) ? serviceReply(refusal) : appReply(refusal, rollbackTo)
}

/** The ephemeral answer to a refusal (cards.md 7). `offers` are the same command with the nearest names, kept by the caller. */
export const refusalMessage = (refusal: Refusal, given: ReplyContext): Message => replyMessage(refusalReply(refusal, given.rollbackTo, given.names), given)

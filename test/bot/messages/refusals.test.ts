import { describe, expect, it } from 'vitest'
import { refusalMessage } from '../../../src/bot/messages/refusals.ts'
import { usageMessage } from '../../../src/bot/messages/usage.ts'
import type { Refusal } from '../../../src/rack/refusal.ts'
import type { UsageError } from '../../../src/bot/usage-error.ts'
import { missingScopes } from '../../../src/bot/scopes.ts'
import { drawn } from './support/seen.ts'
import { refusals, usageErrors } from './support/every-refusal.ts'
import { at, cy, names, RP } from './support/views.ts'

const said = (refusal: Refusal): string => drawn(refusalMessage(refusal, { ref: '7f3a', names }).blocks)
const usage = (problem: UsageError, offers: readonly { label: string; question: string }[] = []): string => drawn(usageMessage(problem, { ref: '7f3a', offers }).blocks)
const lines = (...parts: string[]): string => [...parts, '[context] ref 7f3a'].join('\n')

describe('a refusal', () => {
  it.each<[row: string, refusal: Refusal, lines: string]>([
    ['1', refusals.app_not_found, lines('`app not found: shpo`', 'Did you mean `shop`? All: `/convox apps`')],
    ['2', refusals.release_not_found, lines('`release not found: RX (nearest: RA, RB)`', 'All: `/convox releases -a shop`')],
    ['1, being deleted', refusals.app_deleting, lines('App `shop` is still being deleted.', 'Try again in a minute, or choose another name.')],
    ['2, of an app that is gone', { ...refusals.promotion_not_found, nearest: [], app: '' }, lines('`promotion not found: PX`', 'All: `/convox apps`')],
    ['3', refusals.release_of_other_app, lines('`release RX belongs to app other`', 'Add `-a other`, or see `/convox releases -a shop`.')],
    ['7', refusals.forbidden, lines('You are a viewer here; promoting needs a deployer.', 'Ask an admin: @cy.')],
    ['7, approvers', refusals.not_an_approver, lines('Only @bo or @cy may approve this.', 'Ask one of them.')],
    ['8', refusals.not_a_member, lines('Only full members of this workspace can use this.', 'Ask one of your team.')],
    ['7, too few approvers', refusals.approvers_too_few, lines('`approvals=3` needs 3 people, and `approvers` has 2.', 'Nothing was set. List more people in `approvers`, or set `approvals=2`.')],
    ['9', refusals.shared_channel, lines('This channel is shared with another company, so nothing runs or shows here.', 'Use a channel of your own, or write to me directly.')],
    ['10', refusals.app_busy, lines('app is currently updating: `RMKPLXWQVTA`, asked by @cy, 3 minutes ago', 'Wait until its card is final, or stop it: `/convox apps cancel shop`', '[actions] (Show card)')],
    ['10, to a rollback', { ...refusals.app_busy, asked: 'rollback' }, lines('app is currently updating: `RMKPLXWQVTA`, asked by @cy, 3 minutes ago', 'Cancel it, or wait until its card is final.', '[actions] (Cancel and roll back) (Show card)')],
    ['13', refusals.request_expired, lines('This request expired today 15:02.', 'Ask for it once more, with new votes.', '[actions] (Request again)')],
    ['14', refusals.already_decided, lines('@cy approved this at 14:04:00.', 'Nothing to do: see the card.')],
    ['14, rejected', { ...refusals.already_decided, status: 'rejected' }, lines('@cy rejected this at 14:04:00.', 'Nothing to do: see the card.')],
    ['14, which nobody approved', { ...refusals.already_decided, by: null, status: 'rolling_out' }, lines('This has begun already.', 'Nothing to do: see the card.')],
    ['14, in the queue', { ...refusals.already_decided, by: null }, lines('This waits in the queue.', 'Nothing to do: see the card.')],
    ['14, asked again', { ...refusals.already_decided, status: 'awaiting_approval' }, lines('This waits for approval again.', 'Nothing was changed: see the card.')],
    ['15', refusals.own_request, lines('You asked for this, so somebody else has to approve it.', 'Who may: @bo and @cy.')],
    ['16', refusals.already_voted, lines('Your approval is already recorded: 1 of 2.', 'One more is needed.')],
    ['17', refusals.changed_since, lines('This changed since you opened it: the active release is now `RLCQYWZTKFE`.', 'Show diff, then decide again.', '[actions] (Show diff)')],
    ['18', refusals.rolling_back_already, lines('`shop` is already going back to `RHBTZQNCEDS`; that cannot be cancelled.', 'It ends by 14:15:16.', '[actions] (Show card)')],
    ['19', refusals.no_build, lines('`no build for release: R`', '`/convox builds import-image <image> --manifest -a shop`')],
    ['20', refusals.manifest_invalid, lines('`validation errors:`', 'convox.yml: `services.web.port` must be a whole number, not "x".', 'convox.yml: `services.api` has neither build nor image.', 'Nothing was created. Fix them all, then import again.')],
    ['21', { code: 'manifest_invalid', errors: ['convox.yml: `services.web.resources` is not supported. Set its env instead: `/convox env set DATABASE_URL=…`'] }, lines('convox.yml: `services.web.resources` is not supported.', 'Set its env instead: `/convox env set DATABASE_URL=…`')],
    ['22', refusals.image_missing, lines('`shop:1.4.3` is not in the registry.', 'Nothing was created. Check name and tag.')],
    ['25', refusals.required_env, lines('`required env: A, B`', '`/convox env set A=… B=… -a shop`, then promote that release.')],
    ['26', refusals.database_away, lines('The database does not answer. Nothing new starts, nothing is lost.', 'Try again in a minute.')],
    ['27', refusals.cluster_unreachable, lines('The cluster has not answered since 14:06:40. Nothing is judged or started.', 'Deadlines wait. Try again when the card moves.')],
    ['28', refusals.cluster_refused, lines('The bot may not create `secrets` in `convox-shop`.', 'A platform engineer grants it: README, "Rights".')],
    ['29', refusals.namespace_not_ours, lines('Namespace `convox-shop` exists without our labels, so it is left alone.', 'Choose another app name.')],
    ['30', refusals.env_too_large, lines('The env of `web` would have 1.2 MiB; a Secret holds 1 MiB.', 'Largest key: `TLS_BUNDLE`. Keep it elsewhere.')],
    ['31', refusals.env_word_without_value, lines('`expected KEY=value: FOO`', 'Nothing was set. Example: `/convox env set FOO=bar`')],
    ['32', refusals.nothing_would_change, lines('`nothing would change`', 'Keys now: `/convox env -a shop`')],
    ['40', refusals.older_release, lines('`RMKPLXWQVTA is older than the active RHBTZQNCEDS`', 'Promote it all the same, if that is what you want.', '[actions] (Promote anyway)')],
    ['41', refusals.already_active, lines('`RMKPLXWQVTA is already active`', 'Promote it again to restart every process.', '[actions] (Promote again)')],
    ['5, question too old', refusals.question_too_old, lines('This question is too old.', 'Type the command again.')],
  ])('reads as row %s of cards.md 7', (_, refusal, text) => {
    expect(said(refusal)).toBe(text)
  })

  it.each<[row: string, problem: UsageError, lines: string]>([
    ['4', usageErrors.unknown_flag, lines('Unknown flag: `--promot`', 'Did you mean `--promote`? `env set` knows `--promote`, `--replace`, `--release`.')],
    ['5', usageErrors.missing_arguments, lines('`1 arg required`: `<id>`', 'Example: `/convox releases info RA -a shop`')],
    ['6', usageErrors.app_not_clear, lines('This channel belongs to `shop` and `mail`.', 'Choose one, or add `-a`.')],
    ['33', usageErrors.values_in_mention, lines('This stands in the channel, so its values were not read.', 'Delete that message, then use Edit environment.', '[actions] (Edit environment)')],
    ['34', usageErrors.bad_duration, lines('Not a duration: `10x`.', 'Write `90s`, `10m` or `2h`.')],
    ['35', usageErrors.bad_count, lines('`--limit` goes from 1 to 100, not 500.', 'Then use Older under the list.')],
    ['35, of a text', { ...usageErrors.bad_count, asText: true }, lines('`--limit` goes from 1 to 100, not 500.', 'Example: `/convox releases --text --limit 20`')],
    ['36', usageErrors.channel_unusable, lines("I'm not in #C0OPS.", 'Type `/invite @convox` there, then try again.')],
    ['39', usageErrors.missing_scope, lines('Slack does not let me read groups: scope `usergroups:read` is missing.', 'A workspace admin installs the app again from the Slack app manifest.')],
    ['43', usageErrors.unexpected, lines('This failed on our side; the log has it.', 'Tell the platform team: ref 7f3a. Then see `/convox apps info shop`.')],
    ['answers.md, build', usageErrors.build_from_source, lines('Building from source is not available yet.', 'Use `builds import-image <image>` or `deploy <image>`.')],
    ['5, nothing near', usageErrors.unknown_command, lines('Unknown command: `relases`.', 'Type `/convox help`.')],
  ])('of the bot itself reads as row %s of cards.md 7', (_, problem, text) => {
    expect(usage(problem)).toBe(text)
  })

  it.each([
    ['a file', usage({ code: 'file_unusable', name: 'convox.yml', why: 'not_allowed' })],
    ['anything of Slack', usage(usageErrors.missing_scope)],
    ['a group', said({ ...refusals.group_unreadable, why: 'missing_scope' })],
  ])('says what to do about a scope that is missing for %s as the log does, whichever way Slack\'s deliveries come', (_, text) => {
    const [, next] = /missing\. (.+)$/.exec(missingScopes([])[0]?.line ?? '') ?? []
    expect(text).toContain(next ?? 'no line')
  })

  it('offers what was meant as buttons that hold only the id of a kept question (cards.md 5)', () => {
    const offers = [{ label: 'releases', question: 'q1' }, { label: 'releases info', question: 'q2' }]
    expect(usage(usageErrors.unknown_command, offers)).toBe(lines('Unknown command: `relases`. Did you mean:', '[actions] (releases) (releases info)'))
    const { blocks } = refusalMessage(refusals.app_not_found, { ref: '7f3a', offers: [{ label: 'shop', question: 'q3' }] })
    expect(JSON.stringify(blocks)).toContain('"value":"q3"')
  })

  it('of a rollback offers to cancel and go to the release that was asked for', () => {
    const { blocks } = refusalMessage({ ...refusals.app_busy, asked: 'rollback' }, { ref: '7f3a', rollbackTo: RP })
    expect(JSON.stringify(blocks)).toContain(`"action_id":"cancel_and_roll_back"`)
    expect(JSON.stringify(blocks)).toContain(`"value":"shop:${RP}"`)
  })

  it('says in plain text what the blocks say, with names and UTC', () => {
    expect(refusalMessage({ ...refusals.already_decided, by: cy, at: at('14:04') }, { ref: '7f3a', names }).text).toBe('cy approved this at 14:04:00 UTC. Nothing to do: see the card.')
  })

  it('never shows a value of the env, whatever a changed digest carries', () => {
    expect(JSON.stringify(refusalMessage({ code: 'changed_since', part: 'env', value: 's3cret', promotion: 'PA' }, { ref: '7f3a' }))).not.toContain('s3cret')
  })
})

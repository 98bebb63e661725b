import { button, type Message } from '../blocks.ts'
import type { UsageError } from '../usage-error.ts'
import { channel, code, enumerated, joined, say, type Phrase } from './phrase.ts'
import { cleanText, cut } from './plain-text.ts'
import { reply, replyMessage, type Reply, type ReplyContext } from './reply.ts'

const help = (command: string): Phrase => say`See ${code(`/convox help ${command}`)}`
const typed = (text: string): ReturnType<typeof code> => code(cut(cleanText(text), 60))

const unknownFlag = (problem: Extract<UsageError, { code: 'unknown_flag' }>): Reply => {
  const known = say`${code(problem.command)} knows ${joined(problem.known.slice(0, 8).map((flag) => code(flag)), ', ')}.`
  return reply(say`Unknown flag: ${typed(problem.flag)}`, problem.nearest === null ? known : say`Did you mean ${code(problem.nearest)}? ${known}`)
}

const noChannel = (problem: Extract<UsageError, { code: 'channel_unusable' }>): Reply => {
  const elsewhere = say`Choose another: ${code(`/convox apps params set channel=#x -a ${problem.app}`)}`
  switch (problem.why) {
    case 'not_in_channel': return reply(say`I'm not in ${channel(problem.channel)}.`, say`Type ${code('/invite @convox')} there, then try again.`)
    case 'archived': return reply(say`I can't post in ${channel(problem.channel)} (archived).`, elsewhere)
    case 'not_found':
      return reply(say`I can't see the channel ${channel(problem.channel)}.`, say`Type ${code('/invite @convox')} there if it is private, then try again.`)
    case 'read_only': return reply(say`I can't post in ${channel(problem.channel)} (read-only).`, elsewhere)
    case 'no_threads': return reply(say`${channel(problem.channel)} takes no threads, and each rollout is one.`, elsewhere)
    case 'threads_only': return reply(say`${channel(problem.channel)} takes only replies in threads, and each rollout begins one.`, elsewhere)
    case 'shared': return reply(say`${channel(problem.channel)} is shared with another company, so cards don't go there.`, elsewhere)
    case 'direct': return reply(say`A direct message cannot be an app's channel.`, elsewhere)
    case 'not_allowed': return reply(say`Slack does not let me post in ${channel(problem.channel)}.`, elsewhere)
  }
}

const fileUnusable = ({ name, why }: Extract<UsageError, { code: 'file_unusable' }>): Reply => {
  const file = typed(name)
  switch (why) {
    case 'gone': return reply(say`I can't see the file ${file}.`, say`Nothing was created. Give it again, in the form or with a message to me.`)
    case 'too_large': return reply(say`${file} is too large: a convox.yml has at most 256 KiB.`, say`Nothing was created. Shorten it, then import again.`)
    case 'not_text': return reply(say`${file} is no text file.`, say`Nothing was created. Give one convox.yml, saved as UTF-8.`)
    case 'not_allowed':
      return reply(say`Slack does not let me read files: scope ${code('files:read')} is missing.`, say`A workspace admin installs the app again from the Slack app manifest.`)
  }
}

/** A trigger dies in 3 s, but a click on this brings a new one (slack.md 4.5): never a dead click. */
const tooSlow = ({ again }: Extract<UsageError, { code: 'too_slow' }>, hasOffers: boolean): Reply => {
  const says = say`Slack opens a window only right after a click or a slash command.`
  if (hasOffers || again.button === null) return reply(says, say`Click or type it again.`)
  return reply(says, again.command === null ? say`Click again.` : say`Click again, or type ${code(`/convox ${again.command}`)}`, [button(again.button)])
}

const unknownCommand = (words: string, hasOffers: boolean): Reply =>
  hasOffers
    ? reply(say`Unknown command: ${typed(words)}. Did you mean:`, null)
    : reply(say`Unknown command: ${typed(words)}.`, say`Type ${code('/convox help')}.`)

/** Two lines for each no of the bot itself; `hasOffers` when corrected commands stand under it. */
export const usageReply = (problem: UsageError, hasOffers: boolean): Reply => {
  switch (problem.code) {
    case 'unknown_command': return unknownCommand(problem.words, hasOffers)
    case 'unknown_flag': return unknownFlag(problem)
    case 'flag_needs_value': return reply(say`${typed(problem.flag)} needs a value: ${code(`<${problem.value}>`)}`, help(problem.command))
    case 'flag_takes_no_value': return reply(say`${typed(problem.flag)} takes no value.`, help(problem.command))
    case 'missing_arguments': return reply(say`${code(problem.text)}: ${code(`<${problem.argument}>`)}`, say`Example: ${code(`/convox ${problem.example}`)}`)
    case 'too_many_arguments':
      return reply(
        problem.word === '' ? say`${code(problem.text)}` : say`${code(problem.text)}: ${typed(problem.word)}`,
        say`Example: ${code(`/convox ${problem.example}`)}`,
      )
    case 'param_without_value':
      return reply(
        say`${code(`expected name=value: ${cut(cleanText(problem.word), 60)}`)}`,
        say`Nothing was set. Example: ${code(`/convox ${problem.example}`)}`,
      )
    case 'bad_duration': return reply(say`Not a duration: ${typed(problem.value)}.`, say`Write ${code('90s')}, ${code('10m')} or ${code('2h')}.`)
    case 'bad_count':
      return reply(
        say`${code(problem.flag)} goes from 1 to 100, not ${cut(cleanText(problem.value), 20)}.`,
        problem.command === 'releases' && problem.asText !== true
          ? say`Then use Older under the list.`
          : say`Example: ${code(`/convox ${problem.command}${problem.asText === true ? ' --text' : ''} ${problem.flag} 20`)}`,
      )
    case 'bad_channel': return reply(say`Not a channel: ${typed(problem.value)}.`, say`Write it as ${code('#shop-releases')}, chosen from Slack's own list.`)
    case 'bad_person': return reply(say`Not a person: ${typed(problem.value)}.`, say`Write it as ${code('@ana')}, chosen from Slack's own list, or as their member id.`)
    case 'unclosed_quote':
      return reply(
        problem.quote === '' ? say`A quote is not closed.` : say`A quote is not closed: ${code(problem.quote)}`,
        say`Close it, or put the whole word into the other kind of quotes.`,
      )
    case 'app_not_clear':
      return reply(say`This channel belongs to ${enumerated(problem.apps.slice(0, 5).map((app) => code(app)), 'and')}.`, say`Choose one, or add ${code('-a')}.`)
    case 'app_needed': return reply(say`This channel belongs to no app.`, say`Add ${code('-a <app>')}, such as ${code(`/convox ${problem.example}`)}`)
    case 'rack_not_clear':
      return reply(say`${code(cut(problem.app, 60))} is on ${enumerated(problem.racks.slice(0, 5).map((rack) => code(rack)), 'and')}.`, say`Choose one, or add ${code('-r')}.`)
    case 'channel_without_app': return reply(say`${channel(problem.channel)} belongs to no app.`, say`Name the app itself: ${code('-a <app>')}. All: ${code('/convox apps')}`)
    case 'rack_unknown':
      return reply(say`${code(`rack not found: ${cut(problem.rack, 60)}`)}`, say`Racks: ${joined(problem.racks.slice(0, 8).map((rack) => code(rack)), ', ')}.`)
    case 'channel_needed':
      return reply(
        say`A direct message cannot be an app's channel.`,
        say`Add one: ${code(`/convox apps create ${cut(problem.app, 40)} --channel #shop-releases`)}`,
      )
    case 'channel_unusable': return noChannel(problem)
    case 'values_in_mention':
      return reply(say`This stands in the channel, so its values were not read.`, say`Delete that message, then use Edit environment.`, [
        button({ action: 'edit_env', label: 'Edit environment', value: problem.app ?? '-', about: problem.app === null ? '' : `of ${problem.app}` })])
    case 'build_from_source':
      return reply(say`Building from source is not available yet.`, say`Use ${code('builds import-image <image>')} or ${code('deploy <image>')}.`)
    case 'not_available': return reply(say`${code(problem.what)} is not available yet.`, say`Use ${code(problem.instead)}.`)
    case 'text_too_long':
      return reply(say`${cleanText(problem.what)} has ${problem.length} characters; ${problem.limit} fit here.`, say`Shorten it, then try again.`)
    case 'file_unusable': return fileUnusable(problem)
    case 'file_without_words':
      return reply(say`What is that file for?`, say`Write the command beside it, such as ${code('builds import-image <image> --manifest -a shop')}.`)
    case 'too_slow': return tooSlow(problem, hasOffers)
    case 'file_not_sent': return reply(say`Slack did not take the file ${typed(problem.name)}.`, say`Nothing else failed: ask for it again in a minute.`)
    case 'missing_scope':
      return reply(
        say`Slack does not let me ${cleanText(problem.what)}: scope ${code(problem.scope)} is missing.`,
        say`A workspace admin installs the app again from the Slack app manifest.`,
      )
    case 'card_not_posted': return reply(say`The card is not in Slack yet.`, say`Try again in a few seconds.`)
    case 'unexpected': return reply(say`This failed on our side; the log has it.`, null)
  }
}

/** The ephemeral answer to a no of the bot itself (cards.md 5 and 7); an unexpected failure names its ref in the sentence too. */
export const usageMessage = (problem: UsageError, given: ReplyContext): Message => {
  const said = usageReply(problem, (given.offers ?? []).length > 0)
  if (problem.code !== 'unexpected') return replyMessage(said, given)
  const then = problem.app === null ? [] : say` Then see ${code(`/convox apps info ${problem.app}`)}.`
  return replyMessage({ ...said, next: say`Tell the platform team: ref ${given.ref}.${then}` }, given)
}

/** Told to the requester when a conversation goes on in direct messages (rows 36 and 37). `why` is absent where the bot is only not a member. */
export const movedText = (channelId: string, why: string | null): Phrase =>
  why === null
    ? say`I'm not in ${channel(channelId)}. Type ${code('/invite @convox')} there; the rollout goes on meanwhile.`
    : say`I can't post in ${channel(channelId)} (${cleanText(why)}). The rollout goes on here.`

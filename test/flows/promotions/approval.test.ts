import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/records.ts'
import { approve } from '../../../src/rack/approve.ts'
import { createShop, importFirst } from '../../support/story.ts'
import { newRelease, startStage, type Stage } from './stage.ts'

describe('a request for approval', () => {
  let stage: Stage
  let first: string
  let values = 0

  /** A new release, asked for by Ana: its id and its card. */
  const ask = async (): Promise<{ release: string; card: Message }> => {
    values += 1
    const release = await newRelease(stage, `COUNTER=number-${values}`)
    await stage.ask(stage.ana, `/convox releases promote ${release} -a shop`, /The card is in/)
    return { release, card: await stage.card(new RegExp(`^Waiting for approval: .*${release}`)) }
  }
  const params = (words: string): Promise<string> => stage.ask(stage.bo, `/convox apps params set ${words} -a shop`, /./s)
  const card = (release: string, word: string): Promise<Message> => stage.card(new RegExp(`^${word}: .*${release}`), 20_000)
  const status = async (): Promise<unknown> => (await stage.newest())['status']
  const votes = async (): Promise<unknown[]> => {
    const rows = await stage.rows(`select person from approvals where promotion_id = '${String((await stage.newest())['id'])}' order by at`)
    return rows.map((row) => row['person'])
  }

  beforeAll(async () => {
    stage = await startStage()
    await createShop(stage, 'approvals=0 stability=0s')
    first = await importFirst(stage)
    await stage.ana.command(stage.channel, `/convox releases promote ${first} -a shop`)
    await stage.card(/^Succeeded: /, 20_000)
  })
  beforeEach(() => params('approvals=1 approvers=none stability=0s'))
  afterAll(() => stage.close())

  it('posts a card with everything that would change, and one approval by somebody else makes it roll out', async () => {
    await stage.ask(stage.ana, `/convox builds import-image ${stage.world.shop}:1.4.1 -a shop --message "faster search"`, /Release/)
    const { release, card: asked } = await ask()
    expect(asked.text).toMatch(new RegExp(`^Waiting for approval: ana asks to promote ${release} to shop \\(0 of 1, expires \\d\\d:\\d\\d UTC\\)\\.$`))
    expect(stage.shown(asked).split('\n')).toEqual([
      `⏳ Waiting for approval: shop ${release}`,
      `Release ${release} env add:COUNTER`,
      `From ${first}, active`,
      'Requested by @ana, <time>',
      'Approvals 0 of 1: by somebody else than @ana',
      'Expires <time>',
      'Deadline 10 min, then it rolls back by itself',
      expect.stringMatching(/^image: web, worker registry\/shop:1\.4\.0 → registry\/shop:1\.4\.1 \(sha256:[0-9a-f]{12}\) faster search$/),
      'env: added COUNTER · changed none · removed none (values are never shown)',
      'manifest: web no change · worker no change',
      '(Approve) (Reject) (Show diff) [⋯ Cancel request · Promotion info]',
      expect.stringMatching(new RegExp(`^If it fails: back to ${first} · Last promotion: succeeded, <time> · id [0-9a-f]{4}$`)),
    ])
    await stage.lastWord(asked, /waiting for approval/)
    expect(stage.thread(asked)).toContain(`Promoting ${release}... waiting for approval (0 of 1)`)
    expect(JSON.stringify(stage.world.cluster.get('deployments.apps', 'convox-shop', 'web'))).not.toContain(release)

    expect(await stage.click(stage.dee, asked, 'Approve')).toContain(`You approved ${release} for shop: 1 of 1.`)
    const done = await card(release, 'Succeeded')
    expect(done.ts).toBe(asked.ts)
    await stage.lastWord(done, /^OK\b|\bOK\b/)
    expect(stage.buttons(done)).toEqual([])
    expect(stage.shown(done)).toContain('Approved by @dee, <time>')
    expect(stage.lines(done).slice(0, 4)).toEqual([
      'system/convox/promotion asked by @ana', 'system/convox/promotion approved by @dee (1 of 1)',
      'system/k8s/atom/app Status: Running => Pending', 'system/k8s/atom/app Status: Pending => Updating',
    ])
    expect(stage.world.slack.thread(done).filter((message) => message.broadcast)).toEqual([])
    expect((await stage.rows(`select actor, action from audit where promotion_id = '${String((await stage.newest())['id'])}' order by id`)).map((row) => `${String(row['actor'])} ${String(row['action'])}`)).toEqual([
      'U0ANA promotion.promote', 'U0DEE promotion.approve', 'system promotion.succeed',
    ])
  })

  it('is not approved by who asked, by a viewer, nor twice by the same person', async () => {
    await params('approvals=2')
    const { release, card: asked } = await ask()
    expect(await stage.click(stage.ana, asked, 'Approve')).toMatch(/^You asked for this, so somebody else has to approve it\.\nWho may: any approver but you\./)
    expect(await stage.click(stage.cy, asked, 'Approve')).toMatch(/^You are a viewer here; approving needs an approver\./)
    await stage.cy.click(asked, 'Reject')
    await stage.world.slack.until(() => JSON.stringify(stage.cy.openView()?.body ?? '').includes('You are a viewer here; '))
    expect(await votes()).toEqual([])

    expect(await stage.click(stage.dee, asked, 'Approve')).toBe(`Your approval of ${release} for shop is recorded: 1 of 2.`)
    await stage.world.slack.until(() => stage.shown(asked).includes('Approvals 1 of 2: @dee'))
    expect(await stage.click(stage.dee, asked, 'Approve')).toMatch(/^Your approval is already recorded: 1 of 2\.\nOne more is needed\./)
    expect(await votes()).toEqual(['U0DEE'])
    expect(await status()).toBe('awaiting_approval')

    expect(await stage.click(stage.bo, asked, 'Approve')).toContain(`You approved ${release} for shop: 2 of 2.`)
    const done = await card(release, 'Succeeded')
    expect(stage.shown(done)).toContain('Approved by @dee, @bo, <time>')
    expect(await votes()).toEqual(['U0DEE', 'U0BO'])
  })

  it('takes one decision of two people who click in the same instant, and tells the other one', async () => {
    const { release, card: asked } = await ask()
    const both = await Promise.all([stage.click(stage.bo, asked, 'Approve'), stage.click(stage.dee, asked, 'Approve')])
    const won = both.filter((answer) => answer.includes(`You approved ${release} for shop: 1 of 1.`))
    const lost = both.filter((answer) => /^@(bo|dee) approved this at .*\nNothing to do: see the card\./.test(answer))
    expect([won.length, lost.length]).toEqual([1, 1])
    const winner = both[0] === won[0] ? 'bo' : 'dee'
    expect(lost[0]).toContain(`@${winner} approved this`)
    await card(release, 'Succeeded')
    expect(await votes()).toHaveLength(1)
    expect(await stage.rows(`select 1 from promotion_steps where promotion_id = '${String((await stage.newest())['id'])}' and step = 'dry_run'`)).toHaveLength(1)
  })

  it('takes one decision of an approval and a rejection in the same instant', async () => {
    const { card: asked } = await ask()
    await stage.dee.click(asked, 'Reject')
    const view = await stage.world.slack.until(() => [stage.dee.openView()].find((one) => one?.body.blocks.some((block) => block.type === 'input')))
    await Promise.all([stage.bo.click(asked, 'Approve'), stage.dee.submit(view, { Reason: 'not tonight' })])
    const end = await stage.world.slack.until(async () => [await status()].find((word) => word === 'rejected' || word === 'succeeded'), 20_000)
    const rows = await stage.rows(`select action from audit where promotion_id = '${String((await stage.newest())['id'])}' and action in ('promotion.approve', 'promotion.reject')`)
    expect(rows.map((row) => row['action'])).toEqual([end === 'rejected' ? 'promotion.reject' : 'promotion.approve'])
  })

  it('is decided by the listed approvers alone, whatever their role', async () => {
    await params('approvers=<@U0CY>')
    const { release, card: asked } = await ask()
    expect(stage.shown(asked)).toContain('Approvals 0 of 1: @cy')
    expect(stage.world.slack.notified().some((one) => one.ts === asked.ts && one.user === 'U0CY')).toBe(true)
    expect(await stage.click(stage.bo, asked, 'Approve')).toMatch(/^Only @cy may approve this\.\nAsk one of them\./)
    expect(await stage.click(stage.cy, asked, 'Approve')).toContain(`You approved ${release} for shop: 1 of 1.`)
    await card(release, 'Succeeded')
  })

  it('is rejected with a reason that its thread and requester get, and can be requested again', async () => {
    const { release, card: asked } = await ask()
    await stage.dee.click(asked, 'Reject')
    const view = await stage.world.slack.until(() => [stage.dee.openView()].find((one) => one?.body.blocks.some((block) => block.type === 'input')))
    expect(view.body).toMatchObject({ title: { text: 'Reject promotion' }, submit: { text: 'Reject' } })
    await stage.dee.submit(view, { Reason: 'wait for the migration <!channel> & more' })
    const done = await card(release, 'Rejected')
    expect(stage.shown(done)).toContain('Rejected by @dee, <time>: "wait for the migration <!channel> & more"')
    expect(stage.buttons(done)).toEqual([])
    const last = await stage.lastWord(done, /ERROR: rejected by @dee: wait for the migration/)
    expect(last.broadcast ?? false).toBe(false)
    expect(stage.shown(last)).toContain(`🚫 Rejected: ${release} for shop. For @ana (asked).`)
    expect(stage.world.slack.notified().filter((one) => one.ts === last.ts).map((one) => one.user)).toContain('U0ANA')
    expect(await stage.click(stage.bo, { ...asked, blocks: asked.blocks ?? [] }, 'Approve').catch(() => 'no button')).toBe('no button')

    await stage.ana.click(last, 'Request again')
    const again = await stage.card(new RegExp(`^Waiting for approval: .*${release}`))
    expect(again.ts).not.toBe(asked.ts)
    expect(stage.shown(again)).toContain('Approvals 0 of 1: by somebody else than @ana')
    expect(await stage.click(stage.ana, again, 'Cancel request')).toContain(`You cancelled ${release} for shop before it started.`)
    const cancelled = await stage.world.slack.until(() => stage.world.slack.messages(stage.channel).find((message) => message.ts === again.ts && message.text.startsWith('Cancelled: ')))
    expect(stage.shown(cancelled)).toContain('Cancelled by @ana, <time>')
    expect(stage.shown(cancelled)).toMatch(/R[A-Z]{10} stays active · Again: \/convox releases promote R[A-Z]{10} -a shop/)
    const word = await stage.lastWord(cancelled, /ERROR: cancelled by @ana; R[A-Z]{10} is running/)
    expect(stage.buttons(word)).toEqual(['Request again'])
  })

  it('expires without a decision, by itself', async () => {
    const { release, card: asked } = await ask()
    await stage.rows(`update promotions set expires_at = now() - interval '1 second' where release_id = '${release}'`)
    const done = await card(release, 'Expired')
    expect(done.ts).toBe(asked.ts)
    expect(done.text).toMatch(new RegExp(`^Expired: ${release} for shop had 0 of 1 approvals at \\d\\d:\\d\\d UTC\\. R[A-Z]{10} stays active\\.$`))
    expect(stage.shown(done)).toContain('Expired <time> with 0 of 1 approvals')
    const last = await stage.lastWord(done, /ERROR: expired with 0 of 1 approvals; R[A-Z]{10} is running/)
    expect(stage.buttons(last)).toEqual(['Request again'])
    expect(stage.buttons(done)).toEqual([])
  })

  it('is expired on the spot when somebody clicks too late, and offers to ask again', async () => {
    const { release, card: asked } = await ask()
    await stage.rows(`update promotions set expires_at = now() - interval '1 second' where release_id = '${release}'`)
    const answer = await stage.click(stage.dee, asked, 'Approve')
    expect(answer).toMatch(/^This request expired <time>\.\nAsk for it once more, with new votes\.\n\(Request again\)/)
    expect(await status()).toBe('expired')
    expect(await votes()).toEqual([])
    await card(release, 'Expired')
  })

  it('loses its votes when another release became active, says which part moved, and asks anew', async () => {
    await params('approvals=2')
    const { release, card: asked } = await ask()
    await stage.click(stage.dee, asked, 'Approve')
    const { release: other, card: askedToo } = await ask()
    await stage.click(stage.dee, askedToo, 'Approve')
    await stage.click(stage.bo, askedToo, 'Approve')
    await card(other, 'Succeeded')
    const answer = await stage.click(stage.bo, asked, 'Approve')
    expect(answer).toMatch(new RegExp(`^This changed since you opened it: the active release is now ${other}\\.\nShow diff, then decide again\\.\n\\(Show diff\\)`))
    await stage.world.slack.until(() => stage.shown(asked).includes(`approvals were cleared at <time>: the active release is now ${other}`))
    expect(stage.shown(asked)).toContain('Approvals 0 of 2: by somebody else than @ana')
    expect(stage.shown(asked)).toContain(`From ${other}, active`)
    await stage.world.slack.until(() => stage.lines(asked).includes('system/convox/promotion approvals cleared: active changed'))
    expect(stage.lines(asked)).toContain('system/convox/promotion approved by @dee (1 of 2)')
    // The void vote stays in the table, under the digest it was given for.
    await stage.click(stage.dee, asked, 'Approve')
    await stage.click(stage.bo, asked, 'Approve')
    await card(release, 'Succeeded')
    expect(await stage.rows(`select person from approvals a join promotions p on p.id = a.promotion_id where p.release_id = '${release}' and a.digest <> p.digest`)).toEqual([{ person: 'U0DEE' }])
  })

  it('refuses a vote from a card that was drawn before the votes became void', async () => {
    await params('approvals=2')
    const { release, card: asked } = await ask()
    await params('approvals=1')
    await stage.world.slack.until(() => stage.shown(asked).includes('approvals were cleared at <time>: approvals needed are now 1'))
    // A click from a card that Slack had not redrawn yet.
    const [row] = await stage.rows(`select id, rev from promotions where release_id = '${release}'`)
    const clicked = approve(stage.world.slipway().rack, { actor: { id: 'U0DEE', name: 'dee', role: 'approver' } }, { promotion: String(row?.['id']), rev: 1 })
    await expect(clicked).rejects.toMatchObject({ refusal: { code: 'changed_since', part: 'policy', value: '1' } })
    expect(await votes()).toEqual([])
    await stage.click(stage.dee, asked, 'Approve')
    await card(release, 'Succeeded')
  })

  it('needs no approval for a release that was verified good before; a rollback is judged by its source', async () => {
    await stage.ana.command(stage.channel, `/convox releases promote ${first} -a shop`)
    const question = await stage.world.slack.until(() => stage.ana.ephemerals(stage.channel).findLast((message) => /older than the active/.test(message.text)))
    await stage.ana.click(question, 'Promote anyway')
    const back = await stage.world.slack.until(() => stage.world.slack.messages(stage.channel).find((message) => message.ts > question.ts && message.text.startsWith('Succeeded: ')), 20_000)
    expect(stage.shown(back)).toContain('Approvals none needed: verified good before')

    const never = await newRelease(stage, 'NEVER=promoted-1')
    const refused = await stage.ask(stage.ana, `/convox releases rollback ${never} -a shop`, /waits for approval|Rolling back/)
    expect(refused).toMatch(/waiting for approval|waits for approval/)
    const copy = String((await stage.newest())['release_id'])
    const waiting = await stage.card(new RegExp(`^Waiting for approval: .*${copy}`))
    await stage.lastWord(waiting, /asked by/)
    expect(stage.thread(waiting)).toMatch(new RegExp(`Rolling back to ${never}\\.\\.\\. OK, ${copy}, waiting for approval \\(0 of 1\\)`))
    await stage.click(stage.ana, waiting, 'Cancel request')

    await stage.ask(stage.ana, `/convox releases rollback ${first} -a shop`, /Rolling back/)
    const done = await stage.world.slack.until(async () => ((await stage.newest())['status'] === 'succeeded' ? stage.newest() : undefined), 20_000)
    expect(done).toMatchObject({ kind: 'rollback', waived: 'verified_before', approvals_needed: 0 })
    expect(done['release_id']).not.toBe(first)
  })

  it('needs no approval for a rollback to a copy that succeeded, though what it is a copy of never did', async () => {
    const never = await newRelease(stage, 'NEVER=promoted-2')
    await stage.ask(stage.ana, `/convox releases rollback ${never} -a shop`, /waiting for approval|waits for approval/)
    const copy = String((await stage.newest())['release_id'])
    await stage.click(stage.dee, await stage.card(new RegExp(`^Waiting for approval: .*${copy}`)), 'Approve')
    await card(copy, 'Succeeded')
    const { release: next, card: asked } = await ask()
    await stage.click(stage.dee, asked, 'Approve')
    await card(next, 'Succeeded')

    expect(await stage.ask(stage.ana, `/convox releases rollback ${copy} -a shop`, /Rolling back/)).not.toMatch(/waiting for approval|waits for approval/)
    const done = await card(String((await stage.newest())['release_id']), 'Succeeded')
    expect(stage.shown(done)).toContain('Approvals none needed: verified good before')
  })

  it('is refused while the app is busy when it needs no approval, and waits in the queue when it has one', async () => {
    await params('approvals=1 stability=20s')
    const moving = await ask()
    const next = await ask()
    await stage.click(stage.dee, moving.card, 'Approve')
    await stage.world.slack.until(async () => (await stage.rows(`select 1 from promotions where status = 'rolling_out'`)).length === 1)
    const busy = await stage.ask(stage.ana, `/convox releases rollback ${first} -a shop`, /currently updating/)
    expect(busy).toContain(`app is currently updating: ${moving.release}`)
    await stage.click(stage.bo, next.card, 'Approve')
    await stage.world.slack.until(() => stage.shown(next.card).includes(`○ Waits for ${moving.release} of @ana, position 1 of 1`))
    expect(stage.buttons(next.card)).toEqual(['Leave queue', 'Show diff'])
    expect(await stage.click(stage.ana, next.card, 'Leave queue')).toContain(`${next.release} for shop left the queue.`)
    await card(next.release, 'Cancelled')
    await stage.ana.click(moving.card, 'Cancel and roll back')
    await card(moving.release, 'Rolled back')
  })
})

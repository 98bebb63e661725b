import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeEnv } from '../../../src/rack/env.ts'
import { createShop, importFirst } from '../../support/story.ts'
import { idIn, startScene, type Scene } from './scene.ts'

describe('env', () => {
  let scene: Scene
  let first: string
  beforeAll(async () => {
    scene = await startScene()
    await createShop(scene)
    first = await importFirst(scene)
    await scene.say(scene.ana, '/convox releases promote')
    await scene.card(new RegExp(`^Succeeded: ${first} `), 20_000)
  })
  afterAll(() => scene.close())

  const get = async (key: string): Promise<string> => {
    const { text } = await scene.say(scene.ana, `/convox env get ${key}`)
    expect(text.endsWith('\nOnly you can see this; it is audited.')).toBe(true)
    return text.slice(0, text.lastIndexOf('\nOnly you'))
  }
  const descriptionOf = async (release: string): Promise<unknown> =>
    (await scene.rows(`select description from releases where id = '${release}'`))[0]?.['description']

  it('sets keys, sorted, and names the release and its base (answers.md, env set)', async () => {
    const said = await scene.say(scene.ana, '/convox env set FOO=bar BAR=2')
    const release = idIn(said.text)
    expect(said.text).toBe(`Setting BAR, FOO... OK\nRelease: ${release}\nBase: ${first}\n(Promote)`)
    expect(await descriptionOf(release)).toBe('env add:BAR add:FOO')
  })

  it('says when the base is not the active release, and adds up (answers.md, Base)', async () => {
    const base = (await scene.releases())[0] ?? ''
    const said = await scene.say(scene.ana, '/convox env set BAR=3 BAZ=4')
    expect(said.text).toBe(`Setting BAR, BAZ... OK\nRelease: ${idIn(said.text)}\nBase: ${base} (not active; active is ${first})\n(Promote)`)
    expect(await descriptionOf(idIn(said.text))).toBe('env add:BAZ change:BAR')
    expect((await scene.say(scene.cy, '/convox env')).text).toBe(`BAR=****\nBAZ=****\nFOO=****\nRelease \`${idIn(said.text)}\``)
  })

  it('lists keys without values; values only to deployers, audited (answers.md, general rules)', async () => {
    expect((await scene.say(scene.cy, '/convox env --reveal')).text).toMatch(/^You are a viewer here; seeing env values needs a deployer\./)
    expect((await scene.say(scene.cy, '/convox env get FOO')).text).toMatch(/^You are a viewer here; seeing env values needs a deployer\./)
    expect(await scene.rows("select id from audit where action = 'env.reveal'")).toEqual([])
    expect((await scene.say(scene.ana, '/convox env --reveal')).text).toMatch(/^BAR=3\nBAZ=4\nFOO=bar\nOnly you can see this; it is audited\./)
    expect(await get('BAR')).toBe('3')
    expect(await scene.rows("select actor, detail->>'what' what from audit where action = 'env.reveal' order by id"))
      .toEqual([{ actor: 'U0ANA', what: 'all' }, { actor: 'U0ANA', what: 'BAR' }])
    expect((await scene.say(scene.ana, `/convox env --release ${first}`)).text).toBe('no env for `shop` yet\n`/convox env set KEY=value -a shop`')
    expect((await scene.say(scene.ana, '/convox env get NOPE')).text).toBe('`env not found: NOPE`\nKeys now: `/convox env -a shop`\nref ‹ref›')
  })

  it.each([
    ['spaces in quotes', 'V="hello there"', 'hello there'],
    ['a line break', 'V="one\ntwo"', '"one\\ntwo"', 'one\ntwo'],
    ['= in the value', 'V=postgres://u:p@h/db?a=b&c=<d>', 'postgres://u:p@h/db?a=b&c=<d>'],
    ["a phone's quotes, which belong to a value after its first =", 'V=“curly”', '“curly”'],
    ["a phone's dashes in a value", 'V=a—b–c', 'a—b–c'],
    ['a mail address that Slack makes a link of', 'V=ops@example.com', 'ops@example.com'],
    ['an address that Slack makes a link of', 'V=https://example.com/?x=1&y=2', 'https://example.com/?x=1&y=2'],
    ['back-ticks', 'V=a`b``c', 'a`b``c'],
    ['nothing', 'V=', ''],
    ['JSON', `V='{"a":"b c"}'`, '{"a":"b c"}'],
  ])('keeps a value as typed: %s (design 6)', async (_, typed, printed, value = printed) => {
    expect((await scene.say(scene.ana, `/convox env set ${typed}`)).text).toMatch(/^Setting V\.\.\. OK\n/)
    expect((await scene.say(scene.ana, '/convox env --reveal')).text).toContain(`\nV=${printed}\n`)
    if (value !== '') expect(await get('V')).toBe(value)
  })

  it('names a key once that is typed twice; the last value counts', async () => {
    expect((await scene.say(scene.ana, '/convox env set V=1 V=2')).text).toMatch(/^Setting V\.\.\. OK\n/)
    expect(await get('V')).toBe('2')
  })

  it('unsets keys (answers.md, env unset)', async () => {
    const said = await scene.say(scene.ana, '/convox env unset V BAZ')
    expect(said.text).toMatch(/^Unsetting BAZ, V\.\.\. OK\nRelease: R[A-Z]{10}\nBase: R[A-Z]{10} \(not active; active is R[A-Z]{10}\)\n\(Promote\)$/)
    expect(await descriptionOf(idIn(said.text))).toBe('env remove:BAZ remove:V')
  })

  it.each([
    ['env set BAR=3', '`nothing would change`\nKeys now: `/convox env -a shop`'],
    ['env unset NOPE', '`nothing would change`\nKeys now: `/convox env -a shop`'],
    ['env set FOO', '`expected KEY=value: FOO`\nNothing was set. Example: `/convox env set FOO=bar`'],
    ['env set A=1 stray', '`expected KEY=value: stray`\nNothing was set. Example: `/convox env set FOO=bar`'],
    ['env set "A B=1"', 'Key not allowed: `A B`.\nNothing was set. Keys are letters, digits, `_`, `-` and `.`, no digit first.'],
    ['env set 1A=1', 'Key not allowed: `1A`.\nNothing was set. Keys are letters, digits, `_`, `-` and `.`, no digit first.'],
    ['env set =1', 'Key not allowed: ` `.\nNothing was set. Keys are letters, digits, `_`, `-` and `.`, no digit first.'],
    ['env unset', '`at least 1 arg required`: `<key>`\nExample: `/convox env unset LOG_LEVEL -a shop`'],
    ['env get', '`1 arg required`: `<key>`\nExample: `/convox env get DATABASE_URL -a shop`'],
    ['env set --replace', '`at least 1 arg required`: `<KEY=value>`\nExample: `/convox env set LOG_LEVEL=debug GREETING="hello there" -a shop`'],
    ['env get NOPE=hunter2', '`env not found: NOPE`\nKeys now: `/convox env -a shop`'],
    ['"', 'A quote is not closed.\nClose it, or put the whole word into the other kind of quotes.'],
    ['env set "FOO=bar', 'A quote is not closed: `FOO`\nClose it, or put the whole word into the other kind of quotes.'],
    ['env set A=1 --release RXXXXXXXXXX', expect.stringMatching(/^`release not found: RXXXXXXXXXX \(nearest: /)],
  ])('refuses %s and writes nothing (answers.md, env set; cards.md 7)', async (command, says) => {
    const before = await scene.counted()
    const { text } = await scene.say(scene.ana, `/convox ${command}`)
    expect(text).toEqual(typeof says === 'string' ? `${says}\nref ‹ref›` : says)
    expect(await scene.counted()).toBe(before)
  })

  it('never repeats a value in a refusal', async () => {
    for (const typed of [
      'env ste PASSWORD=hunter2secret', 'env set PASSWORD=hunter2secret --promot',
      'env set "PASSWORD=hunter2secret', 'env PASSWORD=hunter2secret', 'relases PASSWORD=hunter2secret',
    ]) {
      expect(JSON.stringify((await scene.say(scene.ana, `/convox ${typed}`)).message)).not.toContain('hunter2secret')
    }
  })

  it('offers what was meant, and the button sets the value that was typed', async () => {
    const no = await scene.say(scene.ana, '/convox env TYPO="kept as typed"')
    expect(no.text).toBe('Unknown command: `env TYPO=…`. Did you mean:\n(env set)\nref ‹ref›')
    expect((await scene.click(scene.ana, no.message, 'env set')).text).toMatch(/^Setting TYPO\.\.\. OK\n/)
    expect(await get('TYPO')).toBe('kept as typed')
  })

  it('refuses an env that no Secret can hold, with its largest key (cards.md 7, row 30)', async () => {
    const before = await scene.counted()
    const big = 'x'.repeat(7_000)
    // A slash command holds some thousand characters: a whole MiB comes in many steps, so the rack is asked directly here.
    await expect(changeEnv(scene.world.slipway().rack, { actor: { id: 'U0ANA', name: 'ana', role: 'approver' } }, {
      app: 'shop', base: null, replace: false, unset: [], set: [...Array.from({ length: 150 }, (_, at) => [`K${at}`, big] as const), ['LARGE', big.repeat(2)]],
    })).rejects.toMatchObject({ refusal: { code: 'env_too_large', service: 'web', largest: 'LARGE' } })
    expect(await scene.counted()).toBe(before)
  })

  it('takes the env of another release by --release, and drops the rest by --replace', async () => {
    const from = await scene.say(scene.ana, `/convox env set ONLY=1 --release ${first.toLowerCase()}`)
    expect(from.text).toMatch(new RegExp(`^Setting ONLY\\.\\.\\. OK\nRelease: R[A-Z]{10}\nBase: ${first}\n`))
    expect((await scene.say(scene.ana, '/convox env')).text).toMatch(/^ONLY=\*{4}\nRelease/)
    const replaced = await scene.say(scene.ana, '/convox env set NEW=1 --replace')
    expect(await descriptionOf(idIn(replaced.text))).toBe('env add:NEW remove:ONLY')
    expect((await scene.say(scene.ana, '/convox env')).text).toMatch(/^NEW=\*{4}\nRelease/)
  })

  it('adds up what two people set in the same instant (design 4)', async () => {
    const before = (await scene.say(scene.ana, '/convox env set START=1 --replace')).text
    const said = await Promise.all([
      scene.after(scene.ana, () => scene.ana.command(scene.channel, '/convox env set OF_ANA=1')),
      scene.after(scene.bo, () => scene.bo.command(scene.channel, '/convox env set OF_BO=1')),
    ])
    expect((await scene.say(scene.ana, '/convox env')).text).toMatch(/^OF_ANA=\*{4}\nOF_BO=\*{4}\nSTART=\*{4}\nRelease/)
    // One is the base of the other.
    const [first, second] = said.flat().map(({ text }) => ({ release: idIn(text), base: idIn(text, /Base: +/) }))
    expect([first?.base, second?.base].toSorted()).toEqual([idIn(before), first?.base === idIn(before) ? first.release : second?.release].toSorted())
    await scene.say(scene.ana, '/convox env set NEW=1 --replace')
  })

  it('makes the release only when that is ticked in the form, which lists keys and never values (issue 3, env edit)', async () => {
    const before = await scene.rows('select id from promotions')
    const form = await scene.form(scene.ana, () => scene.ana.command(scene.channel, '/convox env set'))
    expect(form.body).toMatchObject({ type: 'modal', title: { text: 'Edit environment' }, submit: { text: 'Apply changes' }, close: { text: 'Close' } })
    expect(JSON.stringify(form.body.blocks)).toContain('NEW')
    const [said] = await scene.after(scene.ana, () =>
      scene.ana.submit(form, { 'Set or change': 'A=1\nSPACED=two words "and quotes"', Key: 'PEM', Value: 'line 1\nline 2', Remove: ['NEW'], 'What happens': ['Create the release only'] }))
    expect(said?.text)
      .toMatch(/^Setting A, PEM, SPACED\.\.\. OK\nUnsetting NEW\.\.\. OK\nRelease: R[A-Z]{10}\nBase: R[A-Z]{10} \(not active; active is R[A-Z]{10}\)\n\(Promote\)$/)
    expect((await scene.say(scene.ana, '/convox env --reveal')).text).toMatch(/^A=1\nPEM="line 1\\nline 2"\nSPACED=two words "and quotes"\n/)
    expect(await scene.rows('select id from promotions')).toEqual(before)
    const again = await scene.form(scene.ana, () => scene.ana.command(scene.channel, '/convox env edit'))
    expect(JSON.stringify(again.body)).not.toMatch(/two words|line 1/)
    await scene.ana.closeView(again)
  })

  it.each([
    [{ 'Set or change': 'A=1' }, { set: 'nothing would change' }],
    [{ 'Set or change': '' }, { set: 'nothing would change' }],
    [{ 'Set or change': 'A=2\nword' }, { set: 'expected KEY=value: word' }],
    [{ 'Set or change': 'A B=2' }, { set: 'Key not allowed: A B.' }],
    [{ Key: 'A B', Value: '1' }, { key: 'Key not allowed: A B.' }],
    [{ Value: '1' }, { key: 'Name the key of this value.' }],
    [{ 'Set or change': 'A=2', Remove: ['A'] }, { unset: 'A is set and removed.' }],
  ])('keeps the form open with the error under its field: %j (cards.md 6)', async (fields, errors) => {
    const before = await scene.counted()
    const form = await scene.form(scene.ana, () => scene.ana.command(scene.channel, '/convox env edit'))
    expect(await scene.ana.submit(form, fields)).toEqual({ kind: 'errors', errors })
    expect(scene.ana.openView()?.id).toBe(form.id)
    expect(await scene.counted()).toBe(before)
    await scene.ana.closeView(form)
  })

  it('does not open the form to somebody who may not set env', async () => {
    for (const command of ['env edit', 'env set']) {
      expect((await scene.say(scene.cy, `/convox ${command}`)).text).toBe('You are a viewer here; setting env needs a deployer.\nAsk an admin: @bo.\nref ‹ref›')
    }
    expect(scene.cy.openView()).toBeUndefined()
  })

  it('promotes what was set with --promote, and by Apply changes in the form (answers.md, env set; cards.md 5)', async () => {
    const said = await scene.say(scene.ana, '/convox env set FOO=promoted --promote')
    const release = idIn(said.text)
    expect(said.text)
      .toMatch(new RegExp(`^Setting FOO\\.\\.\\. OK\nRelease: ${release}\nBase: R[A-Z]{10} \\(not active; active is ${first}\\)\nPromoting ${release}\\.\\.\\.\nThe card is in #shop-releases\\.\n\\(Show card\\)$`))
    const card = await scene.card(new RegExp(`^Succeeded: ${release} `), 20_000)
    expect(JSON.stringify(card.blocks)).not.toContain('promoted"')
    const form = await scene.form(scene.ana, () => scene.ana.command(scene.channel, '/convox env edit'))
    const [applied] = await scene.after(scene.ana, () => scene.ana.submit(form, { 'Set or change': 'FOO=again' }))
    expect(applied?.text)
      .toMatch(/^Setting FOO\.\.\. OK\nRelease: (R[A-Z]{10})\nBase: R[A-Z]{10}\nPromoting \1\.\.\.\nThe card is in #shop-releases\.\n\(Show card\)$/)
    // While it moves, what is set is kept and told, and its promotion refused.
    const [made, no] = await scene.sayAll(scene.ana, '/convox env set FOO=third --promote', 2)
    expect(made?.text).toMatch(/^Setting FOO\.\.\. OK\nRelease: R[A-Z]{10}\nBase: R[A-Z]{10} \(not active; active is R[A-Z]{10}\)\n\(Promote\)$/)
    expect(no?.text).toMatch(/^app is currently updating: `R[A-Z]{10}`, asked by @ana, ‹ago›\n/)
    await scene.card(new RegExp(`^Succeeded: ${idIn(applied?.text ?? '')} `), 20_000)
  })
})

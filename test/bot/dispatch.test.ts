import { describe, expect, it } from 'vitest'
import { check, dispatch, submit } from '../../src/bot/dispatch.ts'
import { DeliveryTakenError } from '../../src/rack/finish.ts'
import { RefusalError, type Refusal } from '../../src/rack/refusal.ts'
import type { Incoming } from '../../src/bot/context.ts'
import type { AppInfo, Operations } from '../../src/rack/operations.ts'
import { waiting } from './messages/support/views.ts'
import { buttonsOf, deskFor, rackThat } from './desk.ts'

const typed = (text: string): Incoming => ({ kind: 'command', text })
const mentioned = (text: string): Incoming => ({ kind: 'mention', text })
const clicked = (action: string, value: string): Incoming => ({ kind: 'click', action, value, on: 'message' })
const submitted = (view: string, metadata: object, fields: Record<string, string | null | string[]>) =>
  ({ kind: 'submission', view, metadata: JSON.stringify(metadata), fields }) as const

const no = (refusal: Refusal) => (): Promise<never> => Promise.reject(new RefusalError(refusal))
const info = (approvals: number): Operations['appInfo'] => (): Promise<AppInfo> =>
  Promise.resolve({
    app: 'shop', status: 'running', release: 'RB', namespace: 'convox-shop', moving: null, waiting: 0,
    params: { channel: 'C0SHOP', approvals, approvers: [], deadline: 600, stability: 30, expiry: 3600 },
  })

/** Everything the person reads in one message. */
const read = (message: { text: string; blocks: readonly unknown[] } | undefined): string => JSON.stringify(message ?? 'nothing was said')

describe('what went wrong', () => {
  it('says nothing when another replica has done it meanwhile: that one has answered', async () => {
    const { desk, answers, logged } = deskFor({ racks: [rackThat({
      appInfo: info(0), changeEnv: () => Promise.resolve({ release: 'RB', base: null, set: ['A'], unset: [] }), promote: () => Promise.reject(new DeliveryTakenError('E1')), lockApp: () => Promise.reject(new DeliveryTakenError('E1')),
    })] })
    await dispatch(desk, typed('apps lock -a shop --reason mine'))
    await dispatch(desk, typed('env set -a shop --promote A=1'))
    expect(answers).toEqual([])
    expect(logged.filter((line) => line.includes('done by another replica'))).toHaveLength(2)
  })

  it('says that it failed on our side, with the reference that the log has beside the error (cards.md 7, row 43)', async () => {
    const { desk, answers, logged } = deskFor({ racks: [rackThat({ listReleases: () => Promise.reject(new Error('boom at line 3')) })] })
    await dispatch(desk, typed('releases'))
    expect(answers).toHaveLength(1)
    expect(read(answers[0])).toContain('This failed on our side; the log has it.')
    expect(read(answers[0])).toContain('Tell the platform team: ref 7f3a. Then see `/convox apps info shop`.')
    expect(read(answers[0])).not.toContain('boom')
    expect(logged.join('')).toContain('boom at line 3')
    expect(logged.find((line) => line.includes('boom'))).toContain('"ref":"7f3a"')
  })

  it.each([
    ['postgres.js lost its connection', Object.assign(new Error('write CONNECTION_CLOSED'), { code: 'CONNECTION_CLOSED' })],
    ['Postgres is shutting down', Object.assign(new Error('terminating'), { code: '57P01' })],
    ['the reason is underneath', new Error('Failed query', { cause: Object.assign(new Error('no'), { code: '08006' }) })],
  ])('says that the database does not answer when %s (row 26)', async (_what, error) => {
    const { desk, answers } = deskFor({ racks: [rackThat({ listReleases: () => Promise.reject(error) })] })
    await dispatch(desk, typed('releases'))
    expect(read(answers[0])).toContain('The database does not answer. Nothing new starts, nothing is lost.')
  })

  it('does not take a refused connection to something else for the database', async () => {
    const { desk, answers } = deskFor({ racks: [rackThat({ listReleases: () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })) })] })
    await dispatch(desk, typed('releases'))
    expect(read(answers[0])).toContain('This failed on our side')
  })

  it('asks nothing of the rack for somebody who is no member (row 8)', async () => {
    const { desk, answers } = deskFor({ identify: no({ code: 'not_a_member' }) })
    await dispatch(desk, typed('releases'))
    expect(read(answers[0])).toContain('Only full members of this workspace can use this.')
  })

  it('answers even where a button could not be kept', async () => {
    const racks = [rackThat({ releaseInfo: no({ code: 'release_not_found', release: 'RX', nearest: ['RA'], app: 'shop' }) })]
    const { desk, answers, logged } = deskFor({ racks, inbox: { keepQuestion: () => Promise.reject(new Error('no database')) } })
    await dispatch(desk, typed('releases info RX'))
    expect(read(answers[0])).toContain('release not found: RX (nearest: RA)')
    expect(buttonsOf(answers[0] ?? { blocks: [] })).toEqual([])
    expect(logged.join('')).toContain('no database')
  })

  it('answers a click on something it does not know', async () => {
    const { desk, answers } = deskFor({})
    await dispatch(desk, clicked('launch', 'x'))
    expect(read(answers[0])).toContain('This failed on our side')
  })

  it('answers a click whose value is of another make', async () => {
    const { desk, answers } = deskFor({})
    await dispatch(desk, clicked('approve', 'P1; drop'))
    expect(read(answers[0])).toContain('This failed on our side')
  })

  it('answers an unclosed quote without its value', async () => {
    const { desk, answers } = deskFor({})
    await dispatch(desk, typed('env set FOO="hunter2'))
    expect(read(answers[0])).toContain('A quote is not closed: `FOO`')
    expect(read(answers[0])).not.toContain('hunter2')
  })
})

describe('corrections', () => {
  it('run the same command with the nearest id (row 2)', async () => {
    const asked: string[] = []
    const racks = [rackThat({
      releaseInfo: (_caller, { release, reveal }) => {
        asked.push(`${release} ${reveal}`)
        return Promise.reject(new RefusalError({ code: 'release_not_found', release, nearest: ['RA', 'RB'], app: 'shop' }))
      },
    })]
    const { desk, answers } = deskFor({ racks })
    await dispatch(desk, typed('releases info `rx`. --reveal'))
    const [first] = buttonsOf(answers[0] ?? { blocks: [] })
    expect(buttonsOf(answers[0] ?? { blocks: [] }).map(({ label }) => label)).toEqual(['RA', 'RB'])
    await dispatch(desk, clicked(first?.action ?? '', first?.value ?? ''))
    expect(asked).toEqual(['RX true', 'RA true'])
  })

  it('replace the id where it was typed, in a flag too', async () => {
    const asked: (string | null)[] = []
    const racks = [rackThat({
      changeEnv: (_caller, { base, set }) => {
        asked.push(base, set[0]?.[1] ?? null)
        return Promise.reject(new RefusalError({ code: 'release_not_found', release: base ?? '', nearest: ['RA'], app: 'shop' }))
      },
    })]
    const { desk, answers, questions } = deskFor({ racks })
    await dispatch(desk, typed('env set FOO="a &amp; b" --release rx'))
    const [first] = buttonsOf(answers[0] ?? { blocks: [] })
    expect(first?.value).toBe('Q1')
    expect(read(answers[0])).not.toContain('a & b')
    expect(questions.size).toBe(1)
    await dispatch(desk, clicked('run_1', 'Q1'))
    expect(asked).toEqual(['RX', 'a & b', 'RA', 'a & b'])
  })

  it('ask which app where a channel has several (row 6)', async () => {
    const asked: string[] = []
    const racks = [rackThat({
      appsOfChannel: () => Promise.resolve(['shop', 'mail']),
      listProcesses: (_caller, { app }) => {
        asked.push(app)
        return Promise.resolve([])
      },
    })]
    const { desk, answers } = deskFor({ racks })
    await dispatch(desk, typed('ps'))
    expect(read(answers[0])).toContain('This channel belongs to `shop` and `mail`.')
    const mail = buttonsOf(answers[0] ?? { blocks: [] }).find(({ label }) => label === 'mail')
    await dispatch(desk, clicked(mail?.action ?? '', mail?.value ?? ''))
    expect(asked).toEqual(['mail'])
  })

  it('offer the apps where a channel has none', async () => {
    const racks = [rackThat({ appsOfChannel: () => Promise.resolve([]), listApps: () => Promise.resolve([{ app: 'shop', status: 'running', release: null }]) })]
    const { desk, answers } = deskFor({ racks })
    await dispatch(desk, typed('ps'))
    expect(buttonsOf(answers[0] ?? { blocks: [] }).map(({ label }) => label)).toEqual(['shop'])
  })

  it('name the racks where one is unknown', async () => {
    const { desk, answers } = deskFor({})
    await dispatch(desk, typed('ps -r prod -a shop'))
    expect(read(answers[0])).toContain('rack not found: prod')
    expect(buttonsOf(answers[0] ?? { blocks: [] }).map(({ label }) => label)).toEqual(['convox'])
  })

  it('expire (cards.md 5)', async () => {
    const { desk, answers } = deskFor({})
    await dispatch(desk, clicked('run_1', 'Q99'))
    expect(read(answers[0])).toContain('This question is too old. Type the command again.')
  })

  it('name the nearest commands under help', async () => {
    const { desk, answers } = deskFor({})
    await dispatch(desk, typed('help promot'))
    const [first] = buttonsOf(answers[0] ?? { blocks: [] })
    await dispatch(desk, clicked(first?.action ?? '', first?.value ?? ''))
    expect(answers[1]?.text).toContain('releases promote')
  })
})

describe('promoting', () => {
  it('keeps the typed deadline behind Promote anyway', async () => {
    const asked: unknown[] = []
    const racks = [rackThat({
      appInfo: info(1),
      promote: (_caller, input) => {
        asked.push(input)
        return input.confirmed.length > 0 ? Promise.resolve(waiting) : no({ code: 'older_release', release: 'RX', active: 'RB', app: 'shop' })()
      },
    })]
    const { desk, answers } = deskFor({ racks })
    await dispatch(desk, typed('releases promote rx --deadline 20m'))
    const [anyway] = buttonsOf(answers[0] ?? { blocks: [] })
    expect(anyway).toMatchObject({ action: 'promote_anyway', value: 'shop:RX:1200' })
    await dispatch(desk, clicked('promote_anyway', 'shop:RX:1200'))
    expect(asked).toEqual([
      { app: 'shop', release: 'RX', deadlineSeconds: 1200, confirmed: [] },
      { app: 'shop', release: 'RX', deadlineSeconds: 1200, confirmed: ['older'] },
    ])
  })

  it('offers to cancel and to roll back to what was asked for (row 10)', async () => {
    const busy = {
      code: 'app_busy', app: 'shop', promotion: 'PX', release: 'R2', requester: 'U0ANA', since: new Date('2026-11-24T14:00:00Z'),
      asked: 'rollback', status: 'rolling_out',
    } as const
    const asked: unknown[] = []
    const racks = [rackThat({
      appInfo: info(1),
      rollback: no(busy),
      cancelAndRollback: (_caller, input) => {
        asked.push(input)
        return Promise.resolve({ release: 'RNEW', source: 'RX', promotion: waiting })
      },
    })]
    const { desk, answers } = deskFor({ racks })
    await dispatch(desk, typed('releases rollback rx'))
    const button = buttonsOf(answers[0] ?? { blocks: [] }).find(({ label }) => label === 'Cancel and roll back')
    expect(button).toMatchObject({ action: 'cancel_and_roll_back', value: 'shop:RX' })
    await dispatch(desk, clicked(button?.action ?? '', button?.value ?? ''))
    expect(asked).toEqual([{ app: 'shop', release: 'RX' }])
    expect(answers).toHaveLength(2)
  })

  it('asks first where a click would start at once (cards.md 5)', async () => {
    const asked: unknown[] = []
    const racks = [rackThat({
      appInfo: info(0),
      promote: (_caller, input) => {
        asked.push(input)
        return Promise.resolve(waiting)
      },
    })]
    const { desk, answers } = deskFor({ racks })
    await dispatch(desk, clicked('promote', 'shop:RX'))
    expect(asked).toEqual([])
    expect(answers[0]?.text).toBe('Promote RX to shop? It starts at once.')
    await dispatch(desk, clicked('run_1', 'Q1'))
    expect(asked).toEqual([{ app: 'shop', release: 'RX', deadlineSeconds: null, confirmed: [] }])
  })

  it('tells what was made when promoting it is refused', async () => {
    const racks = [rackThat({
      changeEnv: () => Promise.resolve({ release: 'RNEW', base: null, set: ['FOO'], unset: [] }),
      promote: no({ code: 'no_build', release: 'RNEW', app: 'shop' }),
    })]
    const { desk, answers } = deskFor({ racks })
    await dispatch(desk, typed('env set FOO=bar --promote'))
    expect(answers).toHaveLength(2)
    expect(read(answers[0])).toContain('Setting FOO... OK')
    expect(read(answers[0])).toContain('Release: RNEW')
    expect(read(answers[1])).toContain('no build for release: RNEW')
  })

  it('counts a delivery as handled with its last step only, and lets the first find what it made before a crash', async () => {
    const deliveries: (string | undefined)[] = []
    const racks = [rackThat({
      appInfo: info(1),
      importImage: (caller) => {
        deliveries.push(caller.delivery, caller.firstHalfOf)
        return Promise.resolve({ build: 'BX', release: 'RX', base: null, warnings: [] })
      },
      promote: (caller) => {
        deliveries.push(caller.delivery, caller.firstHalfOf)
        return Promise.resolve(waiting)
      },
    })]
    const { desk } = deskFor({ racks })
    await dispatch(desk, typed('deploy shop:1'))
    expect(deliveries).toEqual([undefined, 'env-1', 'env-1', undefined])
  })
})

describe('a mention', () => {
  it.each([
    'env set FOO=hunter2',
    'env set FOO=hunter2 --promote -a shop',
    'evn set FOO=hunter2',
    'FOO=hunter2',
    'env set FOO="hunter2',
    'env get FOO=hunter2',
  ])('with values is refused unread (row 33): %s', async (text) => {
    const { desk, answers, logged, questions } = deskFor({})
    await dispatch(desk, mentioned(text))
    expect(read(answers[0])).toContain('This stands in the channel, so its values were not read.')
    expect(buttonsOf(answers[0] ?? { blocks: [] })).toMatchObject([{ action: 'edit_env', value: 'shop' }])
    expect(read(answers[0]) + logged.join('') + JSON.stringify([...questions])).not.toContain('hunter2')
  })

  it('with images of services is read', async () => {
    const racks = [rackThat({ importImage: no({ code: 'service_unknown', service: 'web', services: [], app: 'shop' }) })]
    const { desk, answers } = deskFor({ racks })
    await dispatch(desk, mentioned('builds import-image web=shop:1'))
    expect(read(answers[0])).not.toContain('were not read')
  })

  it('offers a click where a modal cannot be opened without one', async () => {
    const { desk, answers } = deskFor({ trigger: false })
    await dispatch(desk, mentioned('env edit'))
    expect(buttonsOf(answers[0] ?? { blocks: [] })).toMatchObject([{ action: 'run_1', label: 'env edit' }])
  })
})

describe('a modal', () => {
  it('opens before the facts are read, and lists keys', async () => {
    const order: number[] = []
    const shown = deskFor({
      racks: [rackThat({
        readEnv: (_caller, input) => {
          order.push(shown.modals.length)
          expect(input.reveal).toBe(false)
          return Promise.resolve({ release: 'RB', env: [{ key: 'DATABASE_URL', value: null }] })
        },
      })],
    })
    await dispatch(shown.desk, typed('env set'))
    expect(order).toEqual([1])
    expect(shown.modals[0]?.callback_id).toBe('loading')
    expect(JSON.stringify(shown.modals[1])).toContain('DATABASE_URL')
    expect(shown.answers).toEqual([])
  })

  it('says in itself what went wrong once it is open', async () => {
    const { desk, answers, modals } = deskFor({ racks: [rackThat({ mayDecide: no({ code: 'own_request', who: ['U0BO'] }) })] })
    await dispatch(desk, clicked('reject', 'PX:3'))
    expect(answers).toEqual([])
    expect(modals.at(-1)?.callback_id).toBe('told')
    expect(JSON.stringify(modals.at(-1))).toContain('You asked for this, so somebody else has to approve it.')
  })
})

describe('a submission', () => {
  it.each([
    ['reject_promotion', {}, { reason: '  ' }, { reason: 'Say why in a few words.' }],
    ['reject_promotion', {}, { reason: 'wait for the migration' }, null],
    ['edit_env', {}, { set: 'FOO', key: null, value: null, unset: [], release_only: [] }, { set: 'expected KEY=value: FOO' }],
    ['edit_env', {}, { set: '', key: null, value: null }, { set: 'nothing would change' }],
    ['edit_env', {}, { set: 'FOO=1', unset: ['FOO'] }, { unset: 'FOO is set and removed.' }],
    ['edit_env', {}, { key: 'A B', value: 'x' }, { key: 'Key not allowed: A B.' }],
    ['edit_env', {}, { key: '', value: 'x' }, { key: 'Name the key of this value.' }],
    ['edit_env', {}, { set: 'FOO=1', key: 'BAR', value: 'a\nb', unset: ['BAZ'] }, null],
    ['create_release', {}, { build_from: 'RA', env_from: null }, { env_from: 'Choose a release.' }],
    ['import_manifest', {}, { manifest_text: ' ' }, { manifest_text: 'Give a file or text.' }],
  ])('of %s with %j %j is checked: %j', (view, metadata, fields, expected) => {
    expect(check(submitted(view, metadata, fields))).toEqual(expected)
  })

  it('shows a refusal of the rack under its field, and answers nothing else', async () => {
    const { desk, answers } = deskFor({ racks: [rackThat({ changeEnv: no({ code: 'nothing_would_change', app: 'shop' }) })] })
    const { errors, done } = submit(desk, submitted('edit_env', { app: 'shop', base: null }, { set: 'FOO=1' }))
    expect(await errors).toEqual({ set: 'nothing would change' })
    await done
    expect(answers).toEqual([])
  })

  it('closes on a refusal that belongs under no field, and says it', async () => {
    const decided = { code: 'already_decided', by: 'U0BO', status: 'cancelled', at: new Date('2026-11-24T14:04:00Z') } as const
    const { desk, answers } = deskFor({ racks: [rackThat({ reject: no(decided) })] })
    const { errors, done } = submit(desk, submitted('reject_promotion', { promotion: 'PX', rev: 1 }, { reason: 'no' }))
    expect(await errors).toBeNull()
    await done
    expect(read(answers[0])).toContain('cancelled this at')
  })

  it('applies and promotes, and only makes the release where that is ticked', async () => {
    const asked: string[] = []
    const racks = [rackThat({
      appInfo: info(1),
      changeEnv: (_caller, input) => {
        asked.push(`env ${JSON.stringify(input)}`)
        return Promise.resolve({ release: 'RNEW', base: null, set: ['FOO'], unset: [] })
      },
      promote: (_caller, { release }) => {
        asked.push(`promote ${release}`)
        return Promise.resolve(waiting)
      },
    })]
    const { desk } = deskFor({ racks })
    await submit(desk, submitted('edit_env', { app: 'shop', base: null }, { set: 'FOO=a b', key: 'BAR', value: 'x\ny', unset: ['BAZ'], release_only: [] })).done
    await submit(desk, submitted('edit_env', { app: 'shop', base: 'RB' }, { set: 'FOO=1', release_only: ['release_only'] })).done
    expect(asked).toEqual([
      'env {"app":"shop","set":[["FOO","a b"],["BAR","x\\ny"]],"unset":["BAZ"],"replace":false,"base":null}',
      'promote RNEW',
      'env {"app":"shop","set":[["FOO","1"]],"unset":[],"replace":false,"base":"RB"}',
    ])
  })

  it('is answered when it is done again after a crash', async () => {
    const { desk, answers } = deskFor({ racks: [rackThat({ changeEnv: no({ code: 'nothing_would_change', app: 'shop' }) })] })
    await dispatch(desk, submitted('edit_env', { app: 'shop', base: null }, { set: 'FOO=1' }))
    expect(read(answers[0])).toContain('nothing would change')
  })
})

import type { ModalView } from '@slack/types'
import { pino } from 'pino'
import type { Actor } from '../../src/rack/actor.ts'
import { requireRight } from '../../src/rack/authorize.ts'
import type { Inbox, Operations } from '../../src/rack/operations.ts'
import { refuse } from '../../src/rack/refusal.ts'
import type { Message } from '../../src/bot/blocks.ts'
import type { Desk, FileRead } from '../../src/bot/context.ts'

const notAsked = (): Promise<never> => Promise.reject(new Error('this test does not expect the rack to be asked for that'))

/** A rack that answers only what a test provokes; everything it is asked is kept. The real one is tested with a database, in test/flows. */
export const rackThat = (answers: Partial<Operations>): Operations => ({
  rack: 'convox', mayBegin: (caller, { operation }) => Promise.resolve().then(() => requireRight(caller, operation)), listApps: notAsked, pageThroughApps: notAsked, appInfo: notAsked, appsOfChannel: () => Promise.resolve(['shop']), createApp: notAsked, deleteApp: notAsked,
  setAppParams: notAsked, listReleases: notAsked, releaseInfo: notAsked, releaseManifest: notAsked, createFrom: notAsked, promote: notAsked,
  rollback: notAsked, requestAgain: notAsked, tryRollbackAgain: notAsked, approve: notAsked, waitingForMe: () => Promise.resolve([]), mayDecide: notAsked, reject: notAsked, cancel: notAsked,
  lockApp: notAsked, unlockApp: notAsked, takeLock: notAsked, addFreeze: notAsked, removeFreeze: notAsked, listFreezes: notAsked, overrideFreeze: notAsked,
  cancelApp: notAsked, cancelAndRollback: notAsked, listPromotions: notAsked, promotionInfo: notAsked, promotionDiff: notAsked, recordedFacts: notAsked, readEnv: notAsked, getEnv: notAsked,
  changeEnv: notAsked, listBuilds: notAsked, buildInfo: notAsked, importImage: notAsked, listAudit: notAsked, exportAudit: notAsked, listProcesses: notAsked, processInfo: notAsked,
  ...answers,
})

export const ana: Actor = { id: 'U0ANA', name: 'ana', role: 'approver' }

interface Options {
  readonly racks?: readonly Operations[]
  readonly direct?: boolean
  readonly trigger?: boolean
  readonly identify?: () => Promise<Actor>
  readonly inbox?: Partial<Inbox>
  /** Files that people gave, by id. */
  readonly given?: Readonly<Record<string, FileRead>>
}

/** A desk on which all that the person would see, and all that is logged, can be read. */
export const deskFor = (options: Options) => {
  const answers: Message[] = []
  const replaced: boolean[] = []
  const files: string[] = []
  const given = new Map(Object.entries(options.given ?? {}))
  const modals: ModalView[] = []
  const logged: string[] = []
  const questions = new Map<string, string>()
  const inbox: Inbox = {
    accept: () => Promise.resolve(true),
    handled: () => Promise.resolve(),
    refused: () => Promise.resolve(),
    hold: () => Promise.resolve(),
    takeOver: () => Promise.resolve([]),
    keepQuestion: (command) => {
      const id = `Q${questions.size + 1}`
      questions.set(id, command)
      return Promise.resolve(id)
    },
    readQuestion: (id) => {
      const kept = questions.get(id)
      return kept === undefined ? Promise.resolve().then(() => refuse({ code: 'question_too_old' })) : Promise.resolve(kept)
    },
    ...options.inbox,
  }
  const desk: Desk = {
    delivery: 'env-1',
    place: { channel: 'C0SHOP', direct: options.direct ?? false },
    identify: options.identify ?? (() => Promise.resolve(ana)),
    racks: options.racks ?? [rackThat({})],
    inbox,
    slack: {
      openModal: (view) => {
        if (options.trigger === false) return Promise.resolve(null)
        modals.push(view)
        return Promise.resolve('V1')
      },
      updateModal: (_viewId, view) => {
        modals.push(view)
        return Promise.resolve()
      },
      answer: (message, how) => {
        answers.push(message)
        replaced.push(how?.replace === true)
        return Promise.resolve()
      },
      sayFile: (name) => {
        files.push(name)
        return Promise.resolve()
      },
      readFile: (id) => Promise.resolve(given.get(id) ?? { ok: false, name: id, why: 'gone' }),
      names: () => Promise.resolve({ U0ANA: 'ana', C0SHOP: 'shop-releases' }),
      permalinkOfCard: () => Promise.resolve(null),
      checkChannel: () => Promise.resolve({ ok: true }),
    },
    log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }),
    clock: () => new Date('2026-11-24T14:02:00Z'),
    ref: '7f3a',
  }
  return { desk, answers, replaced, files, modals, logged, questions }
}

interface Button { readonly action: string; readonly value: string; readonly label: string }

/** The buttons of a message or modal, in order. */
export const buttonsOf = (shown: { readonly blocks: readonly unknown[] }): Button[] => {
  const buttons: Button[] = []
  const look = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(look)
    else if (typeof node === 'object' && node !== null) {
      if ('type' in node && node.type === 'button' && 'action_id' in node && 'value' in node && 'text' in node) {
        const { text } = node
        const label = typeof text === 'object' && text !== null && 'text' in text ? String(text.text) : ''
        buttons.push({ action: String(node.action_id), value: String(node.value), label })
      } else Object.values(node).forEach(look)
    }
  }
  look(shown.blocks)
  return buttons
}

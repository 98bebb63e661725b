import { WebClient } from '@slack/web-api'
import { afterEach } from 'vitest'
import { memoryJournal } from '../../../sandbox/journal.ts'
import { startSlack, type SimulatedSlack, type SlackOptions } from '../../../sandbox/slack/start.ts'

export const ana = 'UANA00001'
export const bo = 'UBO000001'
export const cy = 'UCY000001'
export const releases = 'CRELEASES'
export const general = 'CGENERAL1'
export const secret = 'CSECRET01'
export const botToken = 'xoxb-test'
export const appToken = 'xapp-test'
export const signingSecret = 'signing-secret'

export const startOptions = (more: Partial<SlackOptions> = {}): SlackOptions => ({
  journal: memoryJournal(),
  team: { id: 'TTEST0001', name: 'Test', domain: 'test' },
  people: [
    { id: ana, name: 'ana', realName: 'Ana Ruiz', role: 'requester' },
    { id: bo, name: 'bo', realName: 'Bo Lind', role: 'approver', admin: true },
    { id: cy, name: 'cy', realName: 'Cy Okafor', role: 'viewer' },
  ],
  channels: [
    { id: releases, name: 'shop-releases', members: [ana, bo, cy], bot: true },
    { id: general, name: 'general', members: [ana, bo, cy] },
    { id: secret, name: 'secret', members: [ana, bo], private: true },
  ],
  botToken,
  appToken,
  ...more,
})

const closers: (() => Promise<unknown>)[] = []

/** Closes what a test opened, newest first. Call once in a test file. */
export const closeAfterEach = () => {
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })
}

export const closing = (close: () => Promise<unknown>) => void closers.push(close)

export const slackFor = async (more: Partial<SlackOptions> = {}): Promise<SimulatedSlack> => {
  const slack = await startSlack(startOptions(more))
  closing(slack.close)
  return slack
}

/** A client that tells every problem at once. */
export const clientFor = (slack: SimulatedSlack, token = botToken) =>
  new WebClient(token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true })

/** The `ok: false` answer of a call that must fail. */
export const refusal = async (call: Promise<unknown>): Promise<Record<string, unknown>> => {
  try {
    await call
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'data' in error && typeof error.data === 'object' && error.data !== null) return { ...error.data }
    throw error
  }
  throw new Error('the call succeeded')
}

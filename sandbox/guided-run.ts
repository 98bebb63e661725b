import { catalogue } from './kubelet/catalogue.ts'
import type { Guide } from './slack/guide.ts'
import { channels, people } from './world.ts'

/** The guided first run: promote a good release, approve it as the other person, promote a crashing one, watch it come back. */
export const guidedRun = (registry: string): Guide => ({
  title: 'Your first release',
  intro: 'Ana asks, Bo approves, Cy looks on. Act as any of them. Images end in a tag that scripts how their containers behave.',
  tags: catalogue.map(({ tag, what }) => ({ tag: `${registry}/shop:${tag}`, what })),
  steps: [
    {
      id: 'deploy', title: 'Deploy a good release', as: people.ana.id, channel: channels.releases.id, type: `/convox deploy ${registry}/shop:1.4.2`,
      text: 'As Ana, import a new image and ask for it to become active. The card says what would change.', done: 'Waiting for approval: shop R[A-Z]{10}',
    },
    {
      id: 'approve', title: 'Approve it as Bo', as: people.bo.id, channel: channels.releases.id,
      text: 'Nobody approves their own request: act as Bo, look at Show diff, then press Approve. The card and its thread follow the rollout.', done: 'Succeeded: shop runs R[A-Z]{10}',
    },
    {
      id: 'crash', title: 'Deploy one that crashes', as: people.ana.id, channel: channels.releases.id, type: `/convox deploy ${registry}/shop:crash`,
      text: 'As Ana again, ask for an image whose containers exit at once.', done: 'Waiting for approval: shop R[A-Z]{10}',
    },
    {
      id: 'come-back', title: 'Watch it come back', as: people.bo.id, channel: channels.releases.id,
      text: 'Approve it as Bo. Within seconds it is noticed and rolled back by itself; the notice says why, with the last log lines.', done: 'Rolled back: shop to R[A-Z]{10}',
    },
    {
      id: 'look', title: 'See what runs now', as: people.ana.id, channel: channels.releases.id, type: '/convox releases',
      text: 'The list shows which release is active. Every one has its Promote button.', done: 'Releases of shop',
    },
  ],
})

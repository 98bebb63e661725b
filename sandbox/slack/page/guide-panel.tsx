import { useState } from 'preact/hooks'
import { fillComposer } from './composer.tsx'
import { Icon } from './icons.tsx'
import { act, actAs, goTo, useLive, type Live } from './live.ts'
import { Mrkdwn } from './mrkdwn-view.tsx'
import type { GuideStep } from '../guide.ts'

type StepState = 'done' | 'now' | 'later'

const Doing = ({ step, live }: { step: GuideStep; live: Live }) => {
  const person = live.snapshot?.people.find((one) => one.id === step.as)
  const name = (person?.realName ?? person?.name ?? step.as).split(' ')[0]
  const [there, here] = [live.me === step.as, live.channel === step.channel]
  const go = () => {
    actAs(step.as)
    goTo(step.channel)
  }
  const put = () => {
    go()
    if (step.type !== undefined) fillComposer(step.as, step.channel, step.type)
  }
  if (step.type !== undefined)
    return (
      <button type="button" class="button button-primary" data-testid={`guide-do-${step.id}`} onClick={put}>
        {there ? 'Put it in the composer' : `Put it in the composer as ${name}`}
      </button>
    )
  if (there && here) return null
  return (
    <button type="button" class="button button-primary" data-testid={`guide-do-${step.id}`} onClick={go}>
      {there ? 'Go to the channel' : `Act as ${name}`}
    </button>
  )
}

const Step = ({ step, number, state }: { step: GuideStep; number: number; state: StepState }) => (
  <li class={`guide-step is-${state}`} data-testid={`guide-step-${step.id}`} data-done={state === 'done'} aria-current={state === 'now' ? 'step' : undefined}>
    <span class="guide-mark" aria-hidden="true">
      {state === 'done' ? <Icon name="check" size={14} /> : number}
    </span>
    <div>
      <strong>
        {step.title}
        {state === 'done' && <span class="sr-only"> (done)</span>}
      </strong>
      {state === 'now' && (
        <>
          <p>
            <Mrkdwn text={step.text} />
          </p>
          {step.type !== undefined && <code class="guide-type">{step.type}</code>}
        </>
      )}
    </div>
  </li>
)

/** The guided run: one line and the current step, so that it leaves the room to the messages; all steps and the image tags on request. */
export const GuidePanel = () => {
  const live = useLive()
  const [open, setOpen] = useState(localStorage.getItem('slipway:guide') !== 'closed')
  const [all, setAll] = useState(false)
  const [tags, setTags] = useState(false)
  const info = live.snapshot?.guide
  if (!info) return null
  const { guide, done } = info
  const current = guide.steps.find((step) => !done.includes(step.id))
  const toggle = () => {
    localStorage.setItem('slipway:guide', open ? 'closed' : 'open')
    setOpen(!open)
  }
  const stateOf = (step: GuideStep): StepState => (done.includes(step.id) ? 'done' : step === current ? 'now' : 'later')
  const count = current ? `${done.length} of ${guide.steps.length} done` : 'All done'
  return (
    <aside class={`guide${open ? ' is-open' : ''}`} aria-label={guide.title} data-testid="guide">
      <button type="button" class="guide-head" aria-expanded={open} onClick={toggle} data-testid="guide-toggle">
        <Icon name="map" />
        <span class="guide-title">
          <strong>{guide.title}</strong>
          <small>{!open && current ? `${count} · next: ${current.title}` : count}</small>
        </span>
        <span class="guide-bar" aria-hidden="true">
          <i style={{ width: `${(done.length / Math.max(1, guide.steps.length)) * 100}%` }} />
        </span>
        <Icon name={open ? 'down' : 'right'} size={16} />
      </button>
      {open && (
        <div class="guide-body">
          {(all || (done.length === 0 && current)) && (
            <p class={`guide-intro${all ? '' : ' guide-roomy'}`}>
              <Mrkdwn text={guide.intro} />
            </p>
          )}
          <ol>
            {guide.steps.map(
              (step, index) => (all || step === current) && <Step key={step.id} step={step} number={index + 1} state={stateOf(step)} />,
            )}
          </ol>
          {!current && <p class="guide-intro">That was the whole story. Now try whatever you like.</p>}
          <div class="guide-actions">
            {current ? (
              <Doing step={current} live={live} />
            ) : (
              <button type="button" class="button" data-testid="guide-restart" onClick={() => void act({ do: 'restart-guide', as: live.me })}>
                Start over
              </button>
            )}
            {current && (
              <button type="button" class="link" onClick={() => void act({ do: 'skip', as: live.me, step: current.id })}>
                Skip
              </button>
            )}
            <button type="button" class="link" aria-expanded={all} data-testid="guide-all" onClick={() => setAll(!all)}>
              {all ? 'Only this step' : 'All steps'}
            </button>
            {guide.tags.length > 0 && (
              <button type="button" class="link" aria-expanded={tags} data-testid="guide-tags" onClick={() => setTags(!tags)}>
                {tags ? 'Hide image tags' : 'Image tags'}
              </button>
            )}
          </div>
          {tags && (
            <dl class="guide-tags">
              {guide.tags.map((one) => (
                <div key={one.tag}>
                  <dt>
                    <code>{one.tag}</code>
                  </dt>
                  <dd>{one.what}</dd>
                </div>
              ))}
            </dl>
          )}
        </div>
      )}
    </aside>
  )
}

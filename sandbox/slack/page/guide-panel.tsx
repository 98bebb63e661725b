import { useState } from 'preact/hooks'
import { fillComposer } from './composer.tsx'
import { Icon } from './icons.tsx'
import { act, actAs, goTo, useLive, type Live } from './live.ts'
import { Mrkdwn } from './mrkdwn-view.tsx'
import type { GuideStep } from '../guide.ts'

const Step = ({ step, number, state, live }: { step: GuideStep; number: number; state: 'done' | 'now' | 'later'; live: Live }) => {
  const person = live.snapshot?.people.find((one) => one.id === step.as)
  const there = live.me === step.as
  const name = (person?.realName ?? person?.name ?? step.as).split(' ')[0]
  const go = () => {
    actAs(step.as)
    goTo(step.channel)
  }
  const put = () => {
    go()
    if (step.type !== undefined) fillComposer(step.as, step.channel, step.type)
  }
  return (
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
            <div class="guide-actions">
              {step.type !== undefined ? (
                <button type="button" class="button button-primary" data-testid={`guide-do-${step.id}`} onClick={put}>
                  {there ? 'Put it in the composer' : `Put it in the composer as ${name}`}
                </button>
              ) : (
                !there && (
                  <button type="button" class="button button-primary" data-testid={`guide-do-${step.id}`} onClick={go}>
                    Act as {name}
                  </button>
                )
              )}
              {there && step.type === undefined && live.channel !== step.channel && (
                <button type="button" class="button" onClick={go}>
                  Go to the channel
                </button>
              )}
              <button type="button" class="link" onClick={() => void act({ do: 'skip', as: live.me, step: step.id })}>
                Skip
              </button>
            </div>
          </>
        )}
      </div>
    </li>
  )
}

/** The guided run: a bar with the current step, which opens to the whole of it. */
export const GuidePanel = () => {
  const live = useLive()
  const [open, setOpen] = useState(localStorage.getItem('slipway:guide') !== 'closed')
  const [tags, setTags] = useState(false)
  const info = live.snapshot?.guide
  if (!info) return null
  const { guide, done } = info
  const current = guide.steps.find((step) => !done.includes(step.id))
  const toggle = () => {
    localStorage.setItem('slipway:guide', open ? 'closed' : 'open')
    setOpen(!open)
  }
  return (
    <aside class={`guide${open ? ' is-open' : ''}`} aria-label={guide.title} data-testid="guide">
      <button type="button" class="guide-head" aria-expanded={open} onClick={toggle} data-testid="guide-toggle">
        <Icon name="map" />
        <span class="guide-title">
          <strong>{guide.title}</strong>
          <small>{current ? `${done.length} of ${guide.steps.length} done · next: ${current.title}` : 'All done. Now try whatever you like.'}</small>
        </span>
        <span class="guide-bar" aria-hidden="true">
          <i style={{ width: `${(done.length / Math.max(1, guide.steps.length)) * 100}%` }} />
        </span>
        <Icon name={open ? 'down' : 'right'} size={16} />
      </button>
      {open && (
        <div class="guide-body">
          {done.length === 0 && (
            <p class="guide-intro">
              <Mrkdwn text={guide.intro} />
            </p>
          )}
          <ol>
            {guide.steps.map((step, index) => (
              <Step key={step.id} step={step} number={index + 1} live={live} state={done.includes(step.id) ? 'done' : step === current ? 'now' : 'later'} />
            ))}
          </ol>
          {!current && (
            <p class="guide-actions">
              <button type="button" class="button" onClick={() => void act({ do: 'restart-guide', as: live.me })}>
                Start over
              </button>
            </p>
          )}
          {guide.tags.length > 0 && (
            <section class="guide-tags">
              <button type="button" class="link" aria-expanded={tags} onClick={() => setTags(!tags)}>
                {tags ? 'Hide' : 'Show'} the image tags that script what happens
              </button>
              {tags && (
                <dl>
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
            </section>
          )}
        </div>
      )}
    </aside>
  )
}

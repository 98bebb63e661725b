import type { InteractiveElement } from '../blocks/elements.ts'
import type { Given } from '../element-values.ts'
import { Text } from './mrkdwn-view.tsx'

/** Checkboxes or radio buttons. */
export const Choices = ({
  element,
  name,
  value,
  onChange,
  label,
}: {
  element: Extract<InteractiveElement, { type: 'checkboxes' | 'radio_buttons' }>
  name: string
  value: Given
  onChange: (given: Given) => void
  label: string | undefined
}) => {
  const chosen = Array.isArray(value) ? value : value === null ? [] : [value]
  const toggle = (option: string, on: boolean) => {
    if (element.type === 'radio_buttons') onChange(option)
    else onChange(element.options.map((one) => one.value).filter((one) => (one === option ? on : chosen.includes(one))))
  }
  return (
    <span class="choices" role={element.type === 'radio_buttons' ? 'radiogroup' : 'group'} aria-label={label}>
      {element.options.map((option) => (
        <label key={option.value} class="choice">
          <input
            type={element.type === 'radio_buttons' ? 'radio' : 'checkbox'}
            name={name}
            checked={chosen.includes(option.value)}
            onChange={(event) => toggle(option.value, event.currentTarget.checked)}
          />
          <span>
            <Text text={option.text} />
            {option.description && (
              <small class="hint">
                <Text text={option.description} />
              </small>
            )}
          </span>
        </label>
      ))}
    </span>
  )
}

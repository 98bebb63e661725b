import { useState } from 'preact/hooks'
import type { InteractiveElement } from '../blocks/elements.ts'
import type { Given } from '../element-values.ts'
import { tooLarge } from '../upload-limits.ts'
import { useLive } from './live.ts'
import { explain } from './surface.ts'
import { upload } from './upload.ts'

/** Takes files from this computer, or refuses their kind. */
export const FileInput = ({
  element,
  value,
  onChange,
  ...described
}: {
  element: Extract<InteractiveElement, { type: 'file_input' }>
  value: Given
  onChange: (given: Given) => void
  id?: string | undefined
  'data-action'?: string
}) => {
  const { me } = useLive()
  const [names, setNames] = useState<string[]>([])
  const [problem, setProblem] = useState<string>()
  const take = async (list: FileList | null) => {
    const files = [...(list ?? [])].slice(0, element.max_files ?? 10)
    const wrong = files.find((file) => element.filetypes && !element.filetypes.some((type) => file.name.toLowerCase().endsWith(`.${type}`)))
    if (wrong) return setProblem(`${wrong.name} is not one of: ${(element.filetypes ?? []).join(', ')}`)
    const large = files.map(tooLarge).find((why) => why !== null)
    if (large) return setProblem(large)
    setProblem(undefined)
    try {
      const done = await Promise.all(files.map((file) => upload(me, file)))
      setNames(done.map((one) => one.name))
      onChange(done.map((one) => one.id))
    } catch (error) {
      setProblem(explain(error))
    }
  }
  const count = Array.isArray(value) ? value.length : 0
  return (
    <span class="file-input">
      <input
        {...described}
        class="field"
        type="file"
        multiple={(element.max_files ?? 10) > 1}
        accept={element.filetypes?.map((type) => `.${type}`).join(',')}
        onChange={(event) => void take(event.currentTarget.files)}
      />
      {count > 0 && <small class="hint">{names.join(', ')}</small>}
      {problem !== undefined && (
        <small class="field-error" role="alert">
          {problem}
        </small>
      )}
    </span>
  )
}

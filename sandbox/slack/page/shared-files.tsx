import { useState } from 'preact/hooks'
import { sizeWords } from '../upload-limits.ts'
import { Icon } from './icons.tsx'
import { useLive } from './live.ts'

const preview = 12

/** Files of a message: name, size, the first lines of a text, and a download. */
export const SharedFiles = ({ ids }: { ids: string[] }) => {
  const { snapshot } = useLive()
  const [open, setOpen] = useState(false)
  const files = ids.flatMap((id) => snapshot?.files.find((one) => one.id === id) ?? [])
  return (
    <>
      {files.map((file) => {
        const lines = file.text?.split('\n') ?? []
        return (
          <div key={file.id} class="file">
            <div class="file-head">
              <Icon name="file" />
              <span class="file-name">
                <strong>{file.title}</strong>
                <small class="muted">
                  {file.name} · {sizeWords(file.size)}
                </small>
              </span>
              <a class="icon-button" href={`/page/files/${file.id}`} download={file.name} aria-label={`Download ${file.name}`} title="Download">
                <Icon name="download" />
              </a>
            </div>
            {file.text !== undefined && <pre tabIndex={0}>{(open ? lines : lines.slice(0, preview)).join('\n')}</pre>}
            {lines.length > preview && (
              <button type="button" class="link" onClick={() => setOpen(!open)}>
                {open ? 'Show less' : `Show all ${lines.length} lines`}
              </button>
            )}
          </div>
        )
      })}
    </>
  )
}

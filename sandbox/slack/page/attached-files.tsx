import { sizeWords } from '../upload-limits.ts'
import { Icon } from './icons.tsx'

/** What goes with the message that is being written, each with a button that takes it away. */
export const AttachedFiles = ({ files, onRemove }: { files: readonly File[]; onRemove: (file: File) => void }) => (
  <ul class="attached" aria-label="Attached files" data-testid="attached">
    {files.map((file) => (
      <li key={file.name}>
        <Icon name="file" size={16} />
        <span class="attached-name">{file.name}</span>
        <small class="muted">{sizeWords(file.size)}</small>
        <button type="button" class="icon-button" aria-label={`Remove ${file.name}`} title="Remove" onClick={() => onRemove(file)}>
          <Icon name="close" size={16} />
        </button>
      </li>
    ))}
  </ul>
)

import type { Block } from '../blocks/blocks.ts'
import { Element } from './elements.tsx'
import { Mrkdwn, Plain, Rich, Text } from './mrkdwn-view.tsx'
import { useSurface } from './surface.ts'

const InputBlock = ({ block }: { block: Extract<Block, { type: 'input' }> }) => {
  const { errors } = useSurface()
  const id = `input-${block.block_id ?? ''}`
  const error = errors[block.block_id ?? '']
  const grouped = block.element.type === 'checkboxes' || block.element.type === 'radio_buttons'
  const label = (
    <>
      {block.label.text}
      {block.optional && <span class="optional"> (optional)</span>}
    </>
  )
  return (
    <div class={`input-block${error === undefined ? '' : ' has-error'}`}>
      {grouped ? (
        <span class="label">{label}</span>
      ) : (
        <label class="label" for={id}>
          {label}
        </label>
      )}
      <Element block={block.block_id ?? ''} element={block.element} label={block.label.text} quiet={!block.dispatch_action} id={id} />
      {error !== undefined && (
        <small class="field-error" id={`${id}-error`} role="alert">
          {error}
        </small>
      )}
      {block.hint && <small class="hint">{block.hint.text}</small>}
    </div>
  )
}

const One = ({ block }: { block: Block }) => {
  const id = block.block_id ?? ''
  switch (block.type) {
    case 'header':
      return (
        <h3 class="block-header">
          <Plain text={block.text.text} />
        </h3>
      )
    case 'divider':
      return <hr class="block-divider" />
    case 'section':
      return (
        <div class={`block-section${block.accessory ? ' with-accessory' : ''}`}>
          <div class="section-body">
            {block.text && (
              <div class="section-text">
                <Text text={block.text} />
              </div>
            )}
            {block.fields && (
              <div class="fields">
                {block.fields.map((field, index) => (
                  <div key={index} class="field-cell">
                    <Text text={field} />
                  </div>
                ))}
              </div>
            )}
          </div>
          {block.accessory && (
            <div class="accessory">
              {block.accessory.type === 'image' ? <span class="image-note">{block.accessory.alt_text}</span> : <Element block={id} element={block.accessory} />}
            </div>
          )}
        </div>
      )
    case 'context':
      return (
        <div class="block-context">
          {block.elements.map((one, index) =>
            one.type === 'image' ? (
              <span key={index} class="image-note">
                {one.alt_text}
              </span>
            ) : (
              <span key={index}>
                <Text text={one} />
              </span>
            ),
          )}
        </div>
      )
    case 'actions':
      return (
        <div class="block-actions">
          {block.elements.map((element) => (
            <Element key={element.action_id} block={id} element={element} label={'placeholder' in element ? element.placeholder?.text : undefined} />
          ))}
        </div>
      )
    case 'image':
      return <figure class="image-note">{block.title?.text ?? block.alt_text}</figure>
    case 'input':
      return <InputBlock block={block} />
    case 'rich_text':
      return (
        <div class="rich-text">
          {block.elements.map((part, index) => (
            <Rich key={index} part={part} />
          ))}
        </div>
      )
    case 'markdown':
      return (
        <div class="section-text">
          <Mrkdwn text={block.text.replaceAll('**', '*')} />
        </div>
      )
    case 'table':
      return (
        <div class="table-scroll" tabIndex={0}>
          <table>
            <tbody>
              {block.rows.map((row, at) => (
                <tr key={at}>
                  {row.map((cell, index) => {
                    const Cell = at === 0 ? 'th' : 'td'
                    return (
                      <Cell key={index} style={{ textAlign: block.column_settings?.[index]?.align }}>
                        {cell.type === 'raw_text' ? cell.text : cell.elements.map((part, part_at) => <Rich key={part_at} part={part} />)}
                      </Cell>
                    )
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )
  }
}

/** Block Kit, drawn. */
export const Blocks = ({ blocks }: { blocks: Block[] }) => (
  <div class="blocks">
    {blocks.map((block) => (
      <One key={block.block_id} block={block} />
    ))}
  </div>
)

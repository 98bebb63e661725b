import { z } from 'zod'
import { block, viewBody, type Block, type ViewBody } from './blocks/blocks.ts'
import type { InteractiveElement } from './blocks/elements.ts'

/** Blocks that hold, or Slack's lines about what does not: `[ERROR] … [json-pointer:/blocks/0/text/text]`. */
export type BlocksVerdict<T> = { ok: true; value: T } | { ok: false; messages: string[]; code?: string }

type Path = readonly PropertyKey[]
type Problem = { path: Path; text: string }

const blocksSchema = z.array(block)

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined), value)

const counted = (origin: string, text: string, items: string) => (origin === 'string' ? text : items)

const describe = (issue: z.core.$ZodIssue, input: unknown): Problem[] => {
  const found = at(input, issue.path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: issue.path, text: `invalid additional property: ${key}` }))
    case 'too_big':
      return [
        {
          path: issue.path,
          text: counted(issue.origin, `must be less than ${Number(issue.maximum) + 1} characters`, `no more than ${issue.maximum} items allowed`),
        },
      ]
    case 'too_small':
      return [
        {
          path: issue.path,
          text: counted(issue.origin, `must be more than ${Number(issue.minimum) - 1} characters`, `must provide at least ${issue.minimum} item`),
        },
      ]
    case 'invalid_union': {
      if (issue.discriminator !== undefined) {
        const parent = issue.path.slice(0, -1)
        return found === undefined
          ? [{ path: parent, text: `missing required field: ${issue.discriminator}` }]
          : [{ path: issue.path, text: `unsupported type: ${String(found)}` }]
      }
      return [{ path: issue.path, text: 'failed to match all allowed schemas' }]
    }
    case 'invalid_value':
      if (found !== undefined) return [{ path: issue.path, text: `must be one of: ${issue.values.map(String).join(', ')}` }]
      return [{ path: issue.path.slice(0, -1), text: `missing required field: ${String(issue.path.at(-1))}` }]
    case 'invalid_type':
      return found === undefined
        ? [{ path: issue.path.slice(0, -1), text: `missing required field: ${String(issue.path.at(-1))}` }]
        : [{ path: issue.path, text: `must provide a ${issue.expected}` }]
    default:
      return [{ path: issue.path, text: issue.message }]
  }
}

const pointer = (path: Path) => path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
const print = (root: string, problems: Problem[]) => problems.map(({ path, text }) => `[ERROR] ${text} [json-pointer:${root}${pointer(path)}]`)

/** Everything in a block that a person can use, with its place in the block. */
export const elementsOf = (item: Block): { element: InteractiveElement; path: Path }[] => {
  if (item.type === 'actions') return item.elements.map((element, index) => ({ element, path: ['elements', index] }))
  if (item.type === 'input') return [{ element: item.element, path: ['element'] }]
  if (item.type === 'section' && item.accessory && item.accessory.type !== 'image') return [{ element: item.accessory, path: ['accessory'] }]
  return []
}

const choices = (element: InteractiveElement): string[] | undefined => {
  if (element.type === 'checkboxes' || element.type === 'radio_buttons' || element.type === 'overflow') return element.options.map((one) => one.value)
  if (element.type === 'static_select' || element.type === 'multi_static_select') {
    return [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)].map((one) => one.value)
  }
  return undefined
}

const elementProblems = (element: InteractiveElement, path: Path): Problem[] => {
  const problems: Problem[] = []
  if (
    (element.type === 'static_select' || element.type === 'multi_static_select') &&
    (element.options === undefined) === (element.option_groups === undefined)
  ) {
    problems.push({ path, text: 'must provide either options or option_groups' })
  }
  const values = choices(element)
  if (values && new Set(values).size < values.length) problems.push({ path: [...path, 'options'], text: 'option values must be unique' })
  const initial =
    'initial_option' in element && element.initial_option ? [element.initial_option] : 'initial_options' in element ? (element.initial_options ?? []) : []
  if (values && initial.some((one) => !values.includes(one.value))) problems.push({ path, text: 'initial option must be one of the options' })
  if (element.type === 'plain_text_input') {
    if ((element.min_length ?? 0) > (element.max_length ?? 3000)) problems.push({ path, text: 'min_length must not be greater than max_length' })
    if ((element.initial_value ?? '').length > (element.max_length ?? 3000))
      problems.push({ path: [...path, 'initial_value'], text: 'must not be longer than max_length' })
  }
  return problems
}

const surfaceProblems = (item: Block, path: Path, surface: 'message' | 'modal' | 'home'): Problem[] => {
  if (surface !== 'message' && (item.type === 'markdown' || item.type === 'table')) return [{ path: [...path, 'type'], text: `unsupported type: ${item.type}` }]
  if (surface !== 'modal' && item.type === 'input' && item.element.type === 'file_input') {
    return [{ path: [...path, 'element', 'type'], text: 'unsupported type: file_input' }]
  }
  return []
}

/** The text of a table's cells: raw ones, and every text in rich ones. */
const cellText = (rows: Extract<Block, { type: 'table' }>['rows']): string =>
  rows
    .flatMap((row) =>
      row.map((cell) =>
        cell.type === 'raw_text' ? cell.text : [...JSON.stringify(cell).matchAll(/"text":"((?:[^"\\]|\\.)*)"/g)].map((one) => one[1]).join(''),
      ),
    )
    .join('')

const blockProblems = (blocks: Block[], surface: 'message' | 'modal' | 'home'): Problem[] => {
  const problems: Problem[] = []
  const ids = new Set<string>()
  for (const [index, item] of blocks.entries()) {
    problems.push(...surfaceProblems(item, [index], surface))
    if (item.type === 'section' && !item.text && !item.fields) problems.push({ path: [index], text: 'missing required field: text' })
    if (item.block_id !== undefined) {
      if (ids.has(item.block_id)) problems.push({ path: [index, 'block_id'], text: `block_id "${item.block_id}" already exists for another block` })
      ids.add(item.block_id)
    }
    const actions = new Set<string>()
    for (const { element, path } of elementsOf(item)) {
      problems.push(...elementProblems(element, [index, ...path]))
      if (element.action_id === undefined) continue
      if (actions.has(element.action_id))
        problems.push({ path: [index, ...path, 'action_id'], text: `action_id "${element.action_id}" already exists for another element` })
      actions.add(element.action_id)
    }
  }
  for (const [index, item] of blocks.entries()) {
    // docs.slack.dev reference/block-kit/blocks/table-block: 10,000 characters in all cells together.
    if (item.type === 'table' && cellText(item.rows).length > 10_000) problems.push({ path: [index, 'rows'], text: 'must be less than 10001 characters' })
  }
  const markdown = blocks.reduce((sum, item) => sum + (item.type === 'markdown' ? item.text.length : 0), 0)
  if (markdown > 12_000) problems.push({ path: [], text: 'markdown blocks must be less than 12001 characters in all' })
  return problems
}

/** Checks the blocks of a message: docs.slack.dev reference/block-kit/blocks, at most 50. */
export const checkMessageBlocks = (input: unknown): BlocksVerdict<Block[]> => {
  const parsed = blocksSchema.max(50).safeParse(input)
  if (!parsed.success)
    return {
      ok: false,
      messages: print(
        '/blocks',
        parsed.error.issues.flatMap((issue) => describe(issue, input)),
      ),
    }
  if (parsed.data.filter((item) => item.type === 'table').length > 1)
    return { ok: false, messages: print('/blocks', [{ path: [], text: 'only one table allowed' }]), code: 'only_one_table_allowed' }
  const problems = blockProblems(parsed.data, 'message')
  return problems.length > 0 ? { ok: false, messages: print('/blocks', problems) } : { ok: true, value: parsed.data }
}

/** Checks a modal or home view: at most 100 blocks, and a modal with inputs has a submit button. */
export const checkView = (input: unknown): BlocksVerdict<ViewBody> => {
  const parsed = viewBody.safeParse(input)
  if (!parsed.success)
    return {
      ok: false,
      messages: print(
        '/view',
        parsed.error.issues.flatMap((issue) => describe(issue, input)),
      ),
    }
  const view = parsed.data
  const problems = blockProblems(view.blocks, view.type).map(({ path, text }) => ({ path: ['blocks', ...path], text }))
  if (view.type === 'modal' && !view.submit && view.blocks.some((item) => item.type === 'input')) {
    problems.push({ path: ['submit'], text: 'must define "submit" to use an "input" block in modals' })
  }
  const focused = view.blocks.filter((item) => elementsOf(item).some(({ element }) => 'focus_on_load' in element && element.focus_on_load))
  if (focused.length > 1) problems.push({ path: ['blocks'], text: 'only one element can have focus_on_load set to true' })
  return problems.length > 0 ? { ok: false, messages: print('/view', problems) } : { ok: true, value: view }
}

let counter = 0
const madeUp = () => `s${(++counter).toString(36)}${Math.random().toString(36).slice(2, 6)}`

/** Gives every block and element without an id one of Slack's making, as Slack does when it stores them. */
export const withIds = (blocks: Block[]): Block[] =>
  blocks.map((item): Block => {
    const block_id = item.block_id ?? madeUp()
    if (item.type === 'actions')
      return { ...item, block_id, elements: item.elements.map((element) => ({ ...element, action_id: element.action_id ?? madeUp() })) }
    if (item.type === 'input') return { ...item, block_id, element: { ...item.element, action_id: item.element.action_id ?? madeUp() } }
    if (item.type === 'section' && item.accessory && item.accessory.type !== 'image') {
      return { ...item, block_id, accessory: { ...item.accessory, action_id: item.accessory.action_id ?? madeUp() } }
    }
    return { ...item, block_id }
  })

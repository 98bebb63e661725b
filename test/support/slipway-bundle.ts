import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    slipwayBundle: string
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** src/ in one file: a process of it starts with a tenth of the work that it takes to load the sources one by one. */
export const bundleSlipway = async (): Promise<{ readonly file: string; readonly remove: () => void }> => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bundle-'))
  const file = join(folder, 'main.mjs')
  await build({
    absWorkingDir: root, entryPoints: ['src/main.ts'], outfile: file, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error', keepNames: true,
    // Some dependencies are CommonJS and ask for Node's own modules by `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  cpSync(join(root, 'src/db/migrations'), join(folder, 'migrations'), { recursive: true })
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** vitest's global set-up: provides `slipwayBundle`, the program that processes of Slipway run in tests. */
export default async function setup(project: TestProject): Promise<() => void> {
  const { file, remove } = await bundleSlipway()
  project.provide('slipwayBundle', file)
  return remove
}

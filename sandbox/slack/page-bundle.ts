import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The page's script and style, bundled from sandbox/slack/page. */
export type PageAssets = { script: string; style: string }

let bundled: Promise<PageAssets> | undefined

const bundle = async (): Promise<PageAssets> => {
  const source = (name: string) => fileURLToPath(new URL(`page/${name}`, import.meta.url))
  const result = await build({
    entryPoints: [source('main.tsx'), source('style.css')],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    outdir: 'out',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
  })
  const ending = (suffix: string) => result.outputFiles.find((one) => one.path.endsWith(suffix))?.text ?? ''
  return { script: ending('.js'), style: ending('.css') }
}

/** Bundles the page, once per process. Rejects with esbuild's message when it does not compile. */
export const pageAssets = (): Promise<PageAssets> => (bundled ??= bundle())

import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

/** Where Debian, Ubuntu, Chrome's own packages and macOS put it. */
const places = [
  '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

const executable = places.find((place) => existsSync(place))

/** Whether a Chromium is on this machine. Without one, says so in one line; in CI (`CI=true`) throws, because a suite that quietly skips proves nothing. */
export const hasChromium = (): boolean => {
  if (executable !== undefined) return true
  const words = 'No Chromium on this machine, so the browser suite cannot run: install the package "chromium".'
  if (process.env['CI'] === 'true') throw new Error(words)
  process.stderr.write(`${words}\n`)
  return false
}

/** Starts it without a window. Without the background flags it looks for its maker's hosts, which a closed network refuses. */
export const startChromium = (): Promise<Browser> =>
  chromium.launch({
    ...(executable === undefined ? {} : { executablePath: executable }),
    headless: true,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  })

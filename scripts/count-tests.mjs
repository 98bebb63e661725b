// Adds up the suites' JSON reports: prints `N passed, N failed` as the last line and fails when anything did, when a suite ran no test, or when one
// was skipped: in CI a suite that quietly skips proves nothing. Usage: count-tests.mjs <1 when a command failed> <report>…
import { existsSync, readFileSync } from 'node:fs'

const [commandFailed, ...files] = process.argv.slice(2)
let [passed, failed, troubles] = [0, 0, []]
for (const file of files) {
  if (!existsSync(file)) {
    troubles.push(`${file}: no report`)
    continue
  }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  if (report.numTotalTests === 0) troubles.push(`${file}: no test ran`)
  if (report.numPendingTests + (report.numTodoTests ?? 0) > 0) troubles.push(`${file}: ${report.numPendingTests} skipped`)
  if (!report.success && report.numFailedTests === 0) troubles.push(`${file}: the suite failed outside its tests`)
}
if (commandFailed === '1' && failed === 0) troubles.push('a command failed')
for (const trouble of troubles) console.log(trouble)
console.log(`${passed} passed, ${failed + (failed === 0 ? troubles.length : 0)} failed`)
process.exit(commandFailed === '1' || failed > 0 || troubles.length > 0 ? 1 : 0)

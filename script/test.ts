/** Runs each part of the test command, goes on after a failure, and ends with one line that counts. */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

interface Counted {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numFailedTestSuites: number
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

const report = join(tmpdir(), `antemortem-test-${process.pid}.json`)
const run = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0

interface Part {
  readonly ok: boolean
  readonly output: Buffer
}

/** What it says is printed when it has ended: several run at once. */
const beside = async (command: string, ...args: string[]): Promise<Part> => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
  const ok = await new Promise<boolean>((resolve) => {
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`))
      resolve(false)
    })
    child.on('close', (code) => resolve(code === 0))
  })
  return { ok, output: Buffer.concat(chunks) }
}

const parts = Object.entries({
  types: beside('tsc', '-p', 'tsconfig.json'),
  lint: beside('oxlint', '--type-aware', '--deny-warnings'),
  format: beside('oxfmt', '--check', '.'),
})
let passed = 0
let failed = 0
for (const [name, part] of parts) {
  const { ok, output } = await part
  process.stdout.write(output)
  if (ok) passed += 1
  else failed += 1
  console.log(`${ok ? 'ok' : 'FAILED'}  ${name}`)
}

const tests = run('vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`)
try {
  const counted: unknown = JSON.parse(readFileSync(report, 'utf8'))
  const { numPassedTests, numFailedTests, numFailedTestSuites, testResults } = counted as Counted
  passed += numPassedTests
  // A file that does not load has no tests to fail, and counts as one; so does an error outside any test.
  failed += Math.max(numFailedTests, tests ? 0 : 1, numFailedTests + (numFailedTests === 0 ? numFailedTestSuites : 0))
  // What passed only at its second try is a bug to be looked for, of the program or of the test: it is never silent.
  for (const { name, assertionResults } of testResults)
    for (const { fullName, status, failureMessages } of assertionResults)
      if (status === 'passed' && failureMessages.length > 0)
        console.log(`passed at its second try: ${relative('.', name)}: ${fullName}: ${failureMessages[0] ?? ''}`)
} catch (error) {
  console.error(`no report from vitest: ${String(error)}`)
  failed += 1
} finally {
  rmSync(report, { force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../src/lab/lab.ts'
import { gateReportShape } from '../../src/shapes/gate.ts'
import type { GateCase } from '../../test/gate-cases/case.ts'
import { startProgram, type Place, type Running } from '../program.ts'
import { outcomeOf, type Outcome } from './caught.ts'

/** The command that the gate wraps does nothing, and waits until the case's deed is done beside it. */
const waiting = ['sh', '-c', 'touch begun; while [ ! -e done ]; do sleep 0.05; done']

/** Does by hand what the case says, between the two looks of `gate -- COMMAND`. */
export async function wrapCase(real: Lab, one: GateCase, signal: AbortSignal): Promise<Outcome> {
  await real.reset(signal)
  for (const [node, sql] of one.given ?? []) await real.rows(node, sql)
  const dir = mkdtempSync(join(tmpdir(), 'antemortem-by-hand-'))
  try {
    const running = startProgram(placeOf(real, dir), ['gate', '--format', 'json', '--', ...waiting])
    await begun(running, join(dir, 'begun'), signal)
    await one.deed?.(real)
    writeFileSync(join(dir, 'done'), '')
    const { out, err, code } = await running.ended
    const report = gateReportShape.safeParse(JSON.parse(out === '' ? 'null' : out))
    if (!report.success) throw new Error(`${one.id}: gate ended with ${code}: ${err.slice(-2000)}`)
    return outcomeOf(one, report.data)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function begun(running: Running, file: string, signal: AbortSignal): Promise<void> {
  const ended = { is: false }
  void running.ended.then(() => (ended.is = true))
  while (!existsSync(file)) {
    if (ended.is) {
      const { err, code } = await running.ended
      throw new Error(`gate ended with ${code} before the command began: ${err.slice(-2000)}`)
    }
    await sleep(50, undefined, { signal })
  }
}

/** As a team has configured it: the application reads on all three nodes. */
function placeOf(real: Lab, dir: string): Place {
  const url = `postgresql://app:${real.password('app')}@127.0.0.1:${real.node('primary').port}/auth`
  writeFileSync(join(dir, 'app.env'), `DATABASE_URL=${url}\n`, { mode: 0o600 })
  const nodes = real.nodes.map(
    ({ name, dataDir }) =>
      `      ${name}: { url: "env:${name.toUpperCase()}", host: { local: true, data: ${dataDir} } }`,
  )
  writeFileSync(
    join(dir, 'antemortem.yaml'),
    `clusters:\n  auth:\n    engine: postgres\n    nodes:\n${nodes.join('\n')}\n    contracts:\n      login: { settings: app.env, node: primary, reads: [standby, reports], canary: "select id, name from users where id < 10", within_ms: 5s }\n`,
  )
  return { dir, env: Object.fromEntries(real.nodes.map(({ name }) => [name.toUpperCase(), real.url(name, 'watch')])) }
}

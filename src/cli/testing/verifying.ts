import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import type { Lab } from '../../lab/lab.ts'
import { verifyReportShape } from '../../shapes/verify.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from './fake-io.ts'

export type Report = z.output<typeof verifyReportShape>

/** The command `verify` in front of a lab, as fast as it can. */
export class Verifying implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'verify-'))
  readonly #lab: Lab

  constructor(lab: Lab) {
    this.#lab = lab
    const nodes = lab.nodes.map(({ name }) => `      ${name}: { url: "env:${name.toUpperCase()}" }\n`)
    writeFileSync(
      join(this.dir, 'antemortem.yaml'),
      `clusters:\n  auth:\n    engine: postgres\n    nodes:\n${nodes.join('')}store: "sqlite:verify.db"\n`,
    )
  }

  /** For `vi.stubEnv`: addresses are looked up in the process's own environment. */
  get env(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#lab.nodes.map(({ name }) => [name.toUpperCase(), this.#lab.url(name, 'watch')]))
  }

  async text(
    ...rest: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    const io = fakeIo({ cwd: this.dir, env: this.env })
    const config = join(this.dir, 'antemortem.yaml')
    const code = await run(['verify', '--max-load', '1', ...rest, '--config', config], commands, io)
    return { code, ...io.printed }
  }

  async json(...rest: readonly string[]) {
    const { code, out, err } = await this.text('--format', 'json', ...rest)
    return { code, err, out, report: verifyReportShape.parse(JSON.parse(out)) }
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

export const tablesOf = (report: Report, right: string): Report['pairs'][number]['tables'] =>
  report.pairs.find((pair) => pair.right === right)?.tables ?? []

/** By right node and table. */
export const verdicts = (report: Report): Record<string, string> =>
  Object.fromEntries(
    report.pairs.flatMap(({ right, tables }) => tables.map(({ table, verdict }) => [`${right} ${table}`, verdict])),
  )

/** Behind replication's back. */
export const tamper = async (lab: Lab, sql: string): Promise<unknown> =>
  lab.rows('reports', `set session_replication_role = replica; ${sql}`)

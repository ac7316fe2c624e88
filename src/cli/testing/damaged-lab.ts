import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lab } from '../../lab/lab.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo } from './fake-io.ts'

/** A lab as somebody has configured it, and the command line in front of it. */
export class Configured implements Disposable {
  readonly lab: Lab
  readonly dir = mkdtempSync(join(tmpdir(), 'integrity-'))
  readonly #env: Record<string, string> = {}

  constructor(lab: Lab, options: { readonly act?: boolean; readonly as?: 'admin' | 'watch' } = {}) {
    this.lab = lab
    const nodes = lab.nodes.map(({ name }) => {
      const key = name.toUpperCase()
      this.#env[key] = lab.url(name, options.as ?? 'watch')
      this.#env[`${key}_ACT`] = lab.url(name, 'admin')
      return `      ${name}: { url: "env:${key}"${options.act === false ? '' : `, act: "env:${key}_ACT"`} }`
    })
    writeFileSync(
      join(this.dir, 'antemortem.yaml'),
      `clusters:\n  auth:\n    engine: postgres\n    nodes:\n${nodes.join('\n')}\n`,
    )
  }

  /** For `vi.stubEnv`: addresses are looked up in the process's own environment. */
  get env(): Readonly<Record<string, string>> {
    return this.#env
  }

  async cli(
    ...argv: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    const io = fakeIo({ cwd: this.dir, env: this.#env })
    const code = await run(argv, commands, io)
    return { code, ...io.printed }
  }

  async json(...argv: readonly string[]): Promise<{ readonly code: number; readonly json: unknown }> {
    const { code, out, err } = await this.cli(...argv, '--format', 'json')
    if (out === '') throw new Error(`nothing was printed: ${err}`)
    return { code, json: JSON.parse(out) }
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** Lets the amcheck of a lab be used by its reading role, as the documentation says. */
export async function grantAmcheck(lab: Lab): Promise<void> {
  await lab.rows(
    'primary',
    `create extension if not exists amcheck;
    grant execute on function bt_index_check(regclass, boolean), bt_index_check(regclass, boolean, boolean),
      verify_heapam(regclass, boolean, boolean, text, bigint, bigint) to antemortem`,
  )
  await lab.caughtUp()
}

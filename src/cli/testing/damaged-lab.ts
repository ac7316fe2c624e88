import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
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

/** What a disk does to a file while its server is stopped in good order. */
export async function onFile(lab: Lab, node: string, relation: string, damage: (path: string) => void): Promise<void> {
  const [row] = await lab.rows(node, 'select pg_relation_filepath($1) as path', [relation])
  await lab.stop(node, 'fast')
  damage(join(lab.node(node).dataDir, String(row?.['path'])))
  await lab.start(node)
}

export const zeroPage =
  (page: number) =>
  (path: string): void => {
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.alloc(8192), 0, 8192, page * 8192)
    closeSync(file)
  }

export const cutTo =
  (pages: number) =>
  (path: string): void =>
    truncateSync(path, pages * 8192)

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { vi } from 'vitest'
import type { Lab } from '../../lab/lab.ts'
import { commands } from '../registry.ts'
import { run } from '../run.ts'
import { fakeIo, type FakeIo } from './fake-io.ts'

const root = resolve(import.meta.dirname, '../../..')

/** A lab as a team has configured it, with an application's settings file, and an updater that runs SQL. */
export class WrappedLab implements Disposable {
  readonly lab: Lab
  readonly dir = mkdtempSync(join(tmpdir(), 'wrapped-'))
  readonly envFile = join(this.dir, 'app.env')

  constructor(lab: Lab) {
    this.lab = lab
    for (const { name } of lab.nodes) vi.stubEnv(name.toUpperCase(), lab.url(name, 'watch'))
    const { port } = lab.node('primary')
    writeFileSync(
      this.envFile,
      `# The shop\nDB_HOST=127.0.0.1\nDB_PORT=${port}\nDB_NAME=auth\nDB_USER=app\nDB_PASSWORD=${lab.password('app')}\nREAD_REPORTS_URL=${lab.url('reports', 'app')}\nSTYLE="dark blue"\n`,
    )
    chmodSync(this.envFile, 0o640)
    const nodes = lab.nodes.map(
      ({ name, dataDir }) =>
        `      ${name}: { url: "env:${name.toUpperCase()}", host: { local: true, data: ${dataDir} } }`,
    )
    writeFileSync(
      join(this.dir, 'antemortem.yaml'),
      `clusters:\n  auth:\n    engine: postgres\n    nodes:\n${nodes.join('\n')}\n    contracts:\n      login: { settings: app.env, node: primary, reads: { reports: "#READ_REPORTS_URL" }, canary: "select id, name from users where id in (1, 500, 900)", within_ms: 5s }\n`,
    )
    // Each argument is a statement; the address comes from the environment.
    writeFileSync(
      join(this.dir, 'sql.cjs'),
      `const { Client } = require(${JSON.stringify(join(root, 'node_modules/pg'))})
void (async () => {
  const client = new Client({ connectionString: process.env.DATABASE_URL })
  await client.connect()
  for (const text of process.argv.slice(2)) await client.query(text)
  await client.end()
})().catch((error) => { console.error(error.message); process.exit(1) })
`,
    )
  }

  /** An updater that runs these statements on a node, as superuser. */
  sql(node: string, ...statements: readonly string[]): readonly string[] {
    return [
      'env',
      `DATABASE_URL=${this.lab.url(node, 'admin')}`,
      process.execPath,
      join(this.dir, 'sql.cjs'),
      ...statements,
    ]
  }

  /** The same with whatever address its caller gives it. */
  sqlByEnvironment(...statements: readonly string[]): readonly string[] {
    return [process.execPath, join(this.dir, 'sql.cjs'), ...statements]
  }

  /** Any other command, in a world that is still there while it runs. */
  start(...argv: readonly string[]) {
    const io = this.#io()
    return { io, ended: run(argv, commands, io) }
  }

  #io(): FakeIo {
    const env = Object.fromEntries(this.lab.nodes.map(({ name }) => [name.toUpperCase(), 'x']))
    return fakeIo({ cwd: this.dir, env })
  }

  async gate(options: readonly string[], command: readonly string[]) {
    const io = this.#io()
    const code = await run(['gate', ...options, '--format', 'json', '--', ...command], commands, io)
    if (code === 70) throw new Error(io.printed.err)
    return { code, ...io.printed, report: io.printed.out === '' ? null : reportOf(io.printed.out) }
  }

  [Symbol.dispose](): void {
    vi.unstubAllEnvs()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

// What the command itself has printed: the shape is tested where it is made.
const reportOf = (text: string) => JSON.parse(text) as Readonly<Record<string, unknown>>

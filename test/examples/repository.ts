import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A team's repository with one migration that is deployed, its remote, and `npx` that finds this checkout's program. */
export class ExampleRepository implements Disposable {
  readonly #home = mkdtempSync(join(tmpdir(), 'example-'))
  readonly dir = join(this.#home, 'work')
  readonly remote = join(this.#home, 'remote.git')

  constructor() {
    const bin = join(this.#home, 'bin')
    mkdirSync(bin)
    mkdirSync(this.dir)
    writeFileSync(
      join(bin, 'npx'),
      `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(root, 'bin/antemortem.js')}' "$@"\n`,
    )
    chmodSync(join(bin, 'npx'), 0o755)
    execFileSync('git', ['init', '--quiet', '--bare', this.remote])
    this.git('init', '--quiet', '--initial-branch', 'main')
    this.git('remote', 'add', 'origin', this.remote)
    this.commit({ 'db/001_a.sql': 'create table a (id int primary key);\n' })
    this.git('tag', 'deployed')
  }

  git(...words: readonly string[]): string {
    const names = ['-c', 'user.name=ann', '-c', 'user.email=ann@example.com']
    return execFileSync('git', [...names, ...words], { cwd: this.dir, encoding: 'utf8' })
  }

  commit(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.dir, name)), { recursive: true })
      writeFileSync(join(this.dir, name), text)
    }
    this.git('add', '--all')
    this.git('commit', '--quiet', '--message', 'a change')
  }

  branch(name: string, files: Readonly<Record<string, string>>): void {
    this.git('switch', '--quiet', '--create', name)
    this.commit(files)
  }

  /** As a runner of GitHub runs a step. */
  run(script: string, env: Readonly<Record<string, string>> = {}): Ran {
    const file = join(this.#home, 'step.sh')
    writeFileSync(file, script)
    return this.#bash(['-e', file], env)
  }

  script(env: Readonly<Record<string, string>>, ...words: readonly string[]): Ran {
    return this.#bash([join(root, 'docs/examples/database-gate.sh'), ...words], env)
  }

  #bash(words: readonly string[], env: Readonly<Record<string, string>>): Ran {
    const path = [join(this.#home, 'bin'), process.env['PATH'] ?? ''].join(delimiter)
    const { status, stdout, stderr } = spawnSync('bash', words, {
      cwd: this.dir,
      env: { ...process.env, RUNNER_TEMP: this.#home, ...env, PATH: path },
      encoding: 'utf8',
      timeout: 120_000,
    })
    return { code: status, out: stdout, err: stderr }
  }

  [Symbol.dispose](): void {
    rmSync(this.#home, { recursive: true, force: true })
  }
}

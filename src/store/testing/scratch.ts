import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { openStore } from '../open.ts'
import type { Clock, Store } from '../store.ts'

/** A directory of its own, gone with `await using`. */
export function scratch(): Disposable & { readonly dir: string; readonly file: string } {
  const dir = mkdtempSync(join(tmpdir(), 'antemortem-store-'))
  return { dir, file: join(dir, 'a.db'), [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) }
}

/** A clock that stands until the test moves it. */
export function standingClock(ms = 1_000_000): Clock & { move(byMs: number): void } {
  let now = ms
  return Object.assign(() => now, {
    move(byMs: number) {
      now += byMs
    },
  })
}

/** A store in memory, closed at the end of the test's scope. */
export async function memoryStore(clock: Clock = standingClock()): Promise<Store & AsyncDisposable> {
  const store = await openStore('sqlite::memory:', { clock })
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() })
}

/** Another process that runs `code`, in which `from('store/open.ts')` names a module of src. */
export function childProcess(code: string, ...args: string[]): ChildProcessByStdio<null, Readable, null> {
  const src = pathToFileURL(join(import.meta.dirname, '../..'))
  const head = `const from = (path) => import(${JSON.stringify(`${src.href}/`)} + path)\n`
  return spawn(process.execPath, ['--input-type=module', '--eval', head + code, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** How a child ended: its code, or the signal that killed it. */
export const ended = (child: ChildProcessByStdio<null, Readable, null>): Promise<number | NodeJS.Signals> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code ?? 0))
  })

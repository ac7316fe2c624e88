import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RowChange } from '../../engines/postgres/act/exchange-rows.ts'

/** Rows of users stand in it: for its owner's eyes. */
const onlyMe = 0o600

/** Where plans and the way back are kept as files: beside the store, else in the working directory. */
export function planDirectory(store: string, cwd: string): string {
  const [, file] = /^sqlite:(.+)$/.exec(store) ?? []
  return join(file === undefined || file === ':memory:' ? cwd : dirname(file), 'antemortem-plans')
}

/** On the disk, whole or not at all, and readable by nobody else. */
export function writePrivate(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}`
  const opened = openSync(draft, 'w', onlyMe)
  try {
    writeSync(opened, text)
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
  renameSync(draft, file)
}

/** The first that was kept of a step stays: one that is repeated would see what it has already changed. */
export function keepUndo(directory: string, planId: string, n: number, rows: readonly RowChange[]): void {
  const file = join(directory, `${planId}.undo-${n}.json`)
  if (!existsSync(file)) writePrivate(file, `${JSON.stringify({ plan: planId, step: n, rows }, null, 2)}\n`)
}

export const readPlanFile = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

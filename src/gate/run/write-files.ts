import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChangeStatement } from '../change/read-change.ts'
import type { StatementResult } from '../rehearsal.ts'
import type { Stage } from './stage.ts'
import type { Step } from './targets.ts'

/**
 * A line of a change is appended to the file, where the last one counts, and taken out of ALTER SYSTEM's own file, which would
 * win over it: a copy has its way to the primary there, and in production the line may well be the last word.
 */
export function writeSetting({ lab }: Stage, line: string, node: string): void {
  const { dataDir } = lab.node(node)
  appendFileSync(join(dataDir, 'postgresql.conf'), `\n${line}\n`)
  const name = /^\s*([\w.]+)/.exec(line)?.[1]?.toLowerCase()
  const file = join(dataDir, 'postgresql.auto.conf')
  const kept = readFileSync(file, 'utf8')
    .split('\n')
    .filter((one) => name === undefined || !one.toLowerCase().startsWith(`${name} `))
  writeFileSync(file, kept.join('\n'))
}

/** One line before the rules of the change, so that the copy stays ours whatever they say: the first that matches counts. */
const ownRule = 'host all,replication all 127.0.0.1/32 scram-sha-256'

/**
 * The file whole, behind rules that let everybody in from this host: whether the server can read it is tried here; whom it
 * lets in is judged over the rules, because nobody comes to the copy from where he comes from in production.
 */
export function writeAccessRules({ lab }: Stage, statement: ChangeStatement, node: string): StatementResult {
  writeFileSync(join(lab.node(node).dataDir, 'pg_hba.conf'), `${ownRule}\n${statement.sql}`)
  return notRun(statement, node, null)
}

/** Files are taken by a reload first, as they would be; the restart follows. */
export function reloadWritten({ lab }: Stage, steps: readonly Step[]): void {
  const written = steps.filter(({ statement: { kind } }) => kind === 'SettingLine' || kind === 'AccessRules')
  for (const node of new Set(written.flatMap(({ nodes }) => nodes))) if (lab.isRunning(node)) lab.reload(node)
}

/** It met no session: no lock, no WAL. */
export const notRun = (statement: ChangeStatement, node: string, withheld: string | null): StatementResult => ({
  statement,
  node,
  error: null,
  withheld,
  locks: [],
  walBytes: 0,
  touched: [],
  tookMs: 0,
})

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AntemortemError } from '../../core/error.ts'
import type { StatementResult } from '../rehearsal.ts'
import { settingOf } from '../files/settings-of.ts'
import type { Stage } from '../run/stage.ts'

const names = ['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf']

/** The configuration files of every server, by path. */
export type KeptFiles = ReadonlyMap<string, string>

export const keepFiles = ({ lab }: Stage): KeptFiles =>
  new Map(
    lab.nodes.flatMap(({ dataDir }) =>
      names
        .map((name) => join(dataDir, name))
        .filter(existsSync)
        .map((file) => [file, readFileSync(file, 'utf8')] as const),
    ),
  )

/** Nodes whose files a change writes, by a line of its own or by ALTER SYSTEM. */
export const nodesWithFiles = (done: readonly StatementResult[]): readonly string[] => [
  ...new Set(
    done.flatMap(({ statement: { kind, tree }, node }) =>
      kind === 'AccessRules' || settingOf(tree) !== null ? [node] : [],
    ),
  ),
]

/**
 * Puts the bytes back, into the files that are there, so that they keep their owner, and starts these servers anew: a reload is
 * taken at some moment, a start that works says that the files are whole. What keeps one from starting, in words; null for nothing.
 */
export async function putFilesBack(
  { lab, signal }: Stage,
  { kept, nodes }: { readonly kept: KeptFiles; readonly nodes: readonly string[] },
): Promise<string | null> {
  for (const [file, text] of kept) if (readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
  for (const name of nodes)
    try {
      await lab.restart(name, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof AntemortemError)) throw error
      return `tried: with its old files ${name} does not start: ${error.message}`
    }
  return null
}

import type { FileSettingFact } from '../../core/facts/postgres/objects.ts'
import type { NodeView, Snapshot } from '../../core/snapshot.ts'
import type { StatementResult } from '../rehearsal.ts'

/**
 * The server settings that a command has left in the files, in the words in which a rehearsal knows them, so that the same rules judge
 * what an updater writes and what a change of ours says. A line that was there before is not its doing; one that says again what was
 * so anyhow is.
 */
export function writtenSettings(before: Snapshot, after: Snapshot, words: string): readonly StatementResult[] {
  return after.nodes.flatMap((node) => {
    const old = before.nodes.find(({ name }) => name === node.name)
    return old ? newLines(old, node).map((line) => asResult(node.name, line, words)) : []
  })
}

function newLines({ facts: { fileSettings: old } }: NodeView, { facts }: NodeView): readonly FileSettingFact[] {
  const { fileSettings: now } = facts
  if (!old.seen || !now.seen) return []
  const known = new Set(old.value.map(keyOf))
  return now.value.filter((line) => line.name !== null && !known.has(keyOf(line)))
}

/** Lines move when others come before them. */
const keyOf = ({ file, name, value }: FileSettingFact): string => JSON.stringify([file, name, value])

const asResult = (node: string, { name, value }: FileSettingFact, words: string): StatementResult => ({
  statement: {
    file: words,
    line: 1,
    sql: `${name} = '${value ?? ''}'`,
    on: null,
    onLine: null,
    kind: 'SettingLine',
    tree: { SettingLine: { name: name?.toLowerCase() ?? '', value: value ?? '' } },
    ignores: [],
  },
  node,
  error: null,
  withheld: null,
  locks: [],
  walBytes: 0,
  touched: [],
  tookMs: 0,
})

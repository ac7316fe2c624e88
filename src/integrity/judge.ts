import type { LogEntryFact } from '../core/facts/cluster.ts'
import { isDamage, relationFileOf } from '../core/log-signs.ts'
import { subject } from '../core/subject.ts'
import { words, type Damage } from './damage.ts'
import { judgeIndexes } from './judge-indexes.ts'
import { judgeObjects } from './judge-objects.ts'
import { judgePeers, judgeSequences } from './judge-peers.ts'
import { judgeTables } from './judge-tables.ts'
import type { Looks } from './looks.ts'
import { keptDamage, withoutKept } from './set-aside.ts'

/** All that the looks say is wrong, the gravest kinds of loss first. Pure. */
export function judge(looks: Looks, logs: readonly LogEntryFact[]): readonly Damage[] {
  const { rest, kept } = withoutKept(looks)
  return [
    ...judgeFiles(rest),
    ...judgeSequences(rest),
    ...judgeLogs(looks, logs),
    ...judgeObjects(rest),
    ...kept.flatMap(({ node, schema, table, only }) =>
      judgeFiles(only).length > 0 ? [keptDamage(node, schema, table)] : [],
    ),
  ]
}

const judgeFiles = (looks: Looks): readonly Damage[] => [
  ...judgeTables(looks),
  ...judgePeers(looks),
  ...judgeIndexes(looks),
]

/** A file that the server's log complains of, and that no look of ours has found: a catalog, a TOAST table, another database. */
function judgeLogs({ nodes }: Looks, logs: readonly LogEntryFact[]): readonly Damage[] {
  const found = new Set(
    nodes
      .filter(
        ({ tables, indexes }) =>
          tables.some(({ unreadable }) => unreadable.length > 0) || indexes.some(({ problem }) => problem !== null),
      )
      .map(({ node }) => node),
  )
  return logs.filter(isDamage).flatMap((entry): Damage[] => {
    const file = relationFileOf(entry)
    if (file === null || found.has(entry.node)) return []
    return [
      {
        check: 'integrity/unreadable-blocks',
        subject: subject.relationFile(entry.node, file),
        node: entry.node,
        severity: 'error',
        message: `the log of ${entry.node} tells of damage in ${file}, which no look of ours has met`,
        evidence: { message: entry.message, count: entry.count, last: new Date(entry.lastMs).toISOString() },
        remedy: `Which relation it is: select pg_filenode_relation(0, ${/(\d+)(?:\.\d+)?$/.exec(file)?.[1] ?? 'NUMBER'}); in the database whose oid is in the path.`,
        mend: words,
      },
    ]
  })
}

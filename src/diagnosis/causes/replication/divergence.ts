import { carriage } from '../../../core/carriage.ts'
import type { Case, Cause, Evidence } from '../../../core/diagnosis.ts'
import type { TouchedFact } from '../../../core/facts/cluster.ts'
import type { FactKey } from '../../../core/facts/postgres/index.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { rowEffects } from '../../effects.ts'
import { rowHarm } from '../../harm.ts'
import { contractsOf, factOf, nodeOf, touchedOf } from '../../look.ts'
import { aboutRows, newsOf } from '../../news.ts'

const isReadSince = (node: NodeView, key: FactKey, sinceMs: number): boolean => {
  const fact = node.facts[key]
  return fact.seen && fact.atMs >= sinceMs
}

/** Rows differ on a table that is carried, at rest and behind a fence: somebody wrote on the wrong side, or a copy went wrong. */
const cause: Cause = {
  id: 'replication/divergence',
  taxonomy: 'data-divergence',
  title: 'rows differ on a table that is carried',
  follows: [
    'replication/apply-conflict',
    'replication/schema-drift',
    'replication/subscription-disabled',
    'replication/slot-missing',
    'replication/slot-lost',
    'replication/split-brain',
    'integrity/table-corruption',
    'integrity/index-corruption',
  ],
  *recognise(c) {
    for (const touched of touchedOf(c)) {
      if (touched.verdict !== 'different' || touched.times < 2) continue
      const target = nodeOf(c, touched.node)
      const source = nodeOf(c, touched.source)
      if (!target || !source) continue
      const publications = factOf(source, 'publications')
      const subscriptions = factOf(target, 'subscriptions')
      if (target.role === 'subscriber') {
        // What is not known to be carried is publication-incomplete's, or unknown.
        if (!publications || !subscriptions) continue
        // Carried must have been read after the difference was seen: a publication that was changed a moment ago looks the same.
        if (
          !isReadSince(source, 'publications', touched.sinceMs) ||
          !isReadSince(target, 'subscriptions', touched.sinceMs)
        )
          continue
        if (carriage(publications, subscriptions, touched.schema, touched.table).gap !== null) continue
      }
      const node = touched.node
      const objects = [
        subject.table(node, touched.schema, touched.table),
        subject.table(source.name, touched.schema, touched.table),
      ]
      const news = newsOf(c, objects, aboutRows)
      yield {
        subject: subject.table(node, touched.schema, touched.table),
        direct: [
          {
            words: `${touched.schema}.${touched.table} is carried and differs: ${touched.nodeRows ?? '?'} rows on ${node}, ${touched.sourceRows ?? '?'} on ${source.name}, behind a fence`,
            node,
            source: 'touched-table comparison',
            values: { source_rows: touched.sourceRows, node_rows: touched.nodeRows, times: touched.times },
          },
        ],
        indirect: [],
        harm: [...rowHarm(c, node, news), ...readers(c, touched)],
        isNew: news.length > 0,
        explains: rowEffects(c, node),
        objects,
        remedy: {
          words: 'Keep both sides as they are; find what wrote on the wrong node before any row is repaired.',
          commands: [],
        },
      }
    }
  },
}
export default cause

/** The contract's login reads it there: what it gets is wrong, whether it notices or not. One session may be somebody's look. */
function readers(c: Case, { readBy, schema, table, node }: TouchedFact): readonly Evidence[] {
  const logins = new Set(contractsOf(c).flatMap(({ role }) => (role === null ? [] : [role])))
  const roles = readBy.roles.filter((role) => logins.has(role))
  if (roles.length === 0 || (readBy.sessions < 2 && readBy.scans < 2)) return []
  return [
    {
      words: `the application's login ${roles.join(', ')} reads ${schema}.${table} on ${node}`,
      node,
      source: 'pg_stat_activity, pg_stat_user_tables',
      values: { roles: roles.join(', '), sessions: readBy.sessions, scans: readBy.scans },
    },
  ]
}

import { carriage } from '../../../core/carriage.ts'
import type { Cause } from '../../../core/diagnosis.ts'
import type { FactKey } from '../../../core/facts/postgres/index.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { rowEffects } from '../../effects.ts'
import { rowHarm } from '../../harm.ts'
import { factOf, nodeOf, touchedOf } from '../../look.ts'
import { aboutRows, newsOf } from '../../news.ts'
import { readersOf } from '../../readers.ts'

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
        harm: [...rowHarm(c, node, news), ...readersOf(c, touched)],
        isNew: news.length > 0,
        explains: rowEffects(c, node),
        objects,
        isTrigger: aboutRows,
        remedy: {
          words: 'Keep both sides as they are; find what wrote on the wrong node before any row is repaired.',
          commands: [
            `antemortem verify --table ${touched.schema}.${touched.table}`,
            `antemortem verify --table ${touched.schema}.${touched.table} --repair plan --to NODE, with the node that is wrong`,
          ],
        },
      }
    }
  },
}
export default cause

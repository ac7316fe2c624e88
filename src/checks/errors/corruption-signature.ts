import { defineCheck } from '../../core/check.ts'
import { isDamage, relationFileOf } from '../../core/log-signs.ts'
import { subject } from '../../core/subject.ts'
import { unreadLogs } from '../../core/unread.ts'

/** The first query that meets a damaged page says so once, in the log, to nobody; the next backup takes the page with it. */
export default defineCheck({
  id: 'errors/corruption-signature',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  needs: [],
  needsCluster: ['logs'],
  question: 'Does any log speak of damaged data?',
  seeds: [3],
  *run({ cluster }) {
    const damaged = cluster.logs.entries.filter(isDamage)
    for (const entries of Map.groupBy(damaged, (entry) => `${entry.node}\n${relationFileOf(entry) ?? ''}`).values()) {
      const last = entries.reduce((latest, entry) => (entry.lastMs > latest.lastMs ? entry : latest))
      const file = relationFileOf(last)
      const count = entries.reduce((sum, entry) => sum + entry.count, 0)
      yield {
        subject: file === null ? subject.node(last.node) : subject.relationFile(last.node, file),
        node: last.node,
        message: `${last.node} meets damaged data${file === null ? '' : ` in ${file}`}: ${last.message}`,
        evidence: {
          sqlstate: last.code,
          message: last.message,
          context: last.context,
          relation_file: file,
          datname: last.database,
          count,
          first: new Date(Math.min(...entries.map(({ firstMs }) => firstMs))).toISOString(),
          last: new Date(last.lastMs).toISOString(),
        },
        remedy: `Copy the data directory of ${last.node} before anything else. ${file === null ? '' : `Which relation it is, in that database: select pg_filenode_relation(0, ${/\d+/.exec(file.split('/').at(-1) ?? '')?.[0] ?? '0'}); `}An index: reindex index concurrently …; A table: take its rows from a standby or a backup that is well. Do not vacuum, do not restart before the copy.`,
      }
    }
  },
  unseen: ({ cluster }) => unreadLogs(cluster.logs),
})

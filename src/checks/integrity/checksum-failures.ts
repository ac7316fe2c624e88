import { defineCheck } from '../../core/check.ts'
import { growthOf } from '../../core/growth.ts'
import { subject } from '../../core/subject.ts'

/** Pages that the server read and that are not what it wrote: data is lost already, the question is how much. */
export default defineCheck({
  id: 'integrity/checksum-failures',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  needs: ['databases', 'server'],
  limits: {
    recentMs: {
      default: 600_000,
      unit: 'ms',
      why: 'without an earlier look, a failure of the last ten minutes counts as one that happens now',
    },
  },
  question: 'Has any database read a page whose checksum is wrong?',
  seeds: [3],
  *run({ nodes, limits }) {
    for (const node of nodes)
      for (const { name, checksumFailures, checksumLastFailureMs } of node.databases) {
        if (checksumFailures === null || checksumFailures === 0) continue
        const before = node.earlier
          .filter(({ server }) => server.startedMs === node.server.startedMs)
          .flatMap(({ databases }) => databases.filter((past) => past.name === name))
          .flatMap((past) => (past.checksumFailures === null ? [] : [past.checksumFailures]))
        const growth = growthOf(before, checksumFailures)
        // Both times are the server's own.
        const ageMs = checksumLastFailureMs === null ? Infinity : node.server.nowMs - checksumLastFailureMs
        const isNow = (growth ?? 0) > 0 || ageMs <= limits.recentMs
        yield {
          subject: subject.database(node.name, name),
          node: node.name,
          severity: isNow ? 'critical' : 'warning',
          message: isNow
            ? `database ${name} on ${node.name} reads damaged pages: ${growth ?? checksumFailures} with a wrong checksum`
            : `database ${name} on ${node.name} has read ${checksumFailures} damaged pages, none of them lately`,
          evidence: {
            datname: name,
            checksum_failures: checksumFailures,
            growth,
            checksum_last_failure:
              checksumLastFailureMs === null ? null : new Date(checksumLastFailureMs).toISOString(),
          },
          remedy: isNow
            ? `Copy the data directory of ${node.name} before anything else. Its log names file and block. Send reads and writes to a node that is well, then make this one anew from it: pg_basebackup. Do not restart, vacuum or reindex before the copy.`
            : `Find what was damaged: on its host, with the server stopped, pg_checksums --check -D DATA_DIRECTORY. When it is mended: select pg_stat_reset(); in database ${name}.`,
        }
      }
  },
})

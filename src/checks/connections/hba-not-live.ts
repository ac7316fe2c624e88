import { defineCheck } from '../../core/check.ts'
import { goodOf } from '../../core/known-good.ts'
import { subject } from '../../core/subject.ts'

/**
 * Access rules on the disk that nobody has loaded wait for the next reload, whoever makes it and for whatever reason.
 * pg_conf_load_time() after an edit proves nothing; before it, it proves that the edit is not live.
 */
export default defineCheck({
  id: 'connections/hba-not-live',
  on: ['postgres'],
  severity: 'warning',
  needs: ['accessRules', 'server'],
  wantsCluster: ['lastGood'],
  limits: {
    sustainMs: { default: 600_000, unit: 'ms', why: 'between an edit and its reload somebody looks at it once more' },
    clockMs: { default: 2_000, unit: 'ms', why: 'so exactly do the clocks of server and watcher compare' },
  },
  sustainMs: 'sustainMs',
  question: 'Is pg_hba.conf as it is on the disk also what is live?',
  seeds: [2],
  *run({ nodes, wanted, changes, limits }) {
    for (const node of nodes) {
      const good = goodOf(wanted.lastGood, node.name)?.accessRulesDigest ?? null
      const { digest, rules } = node.accessRules
      if (good === null || good === digest) continue
      // A file with an error is hba-error's: no reload would take it.
      if (rules.some(({ error }) => error !== null)) continue
      const edited = changes.findLast(({ object }) => object === subject.accessRules(node.name))
      const differsSinceMs = edited?.notBeforeMs ?? wanted.lastGood?.atMs ?? 0
      // The server's own time of its last load, on the watcher's clock.
      const loadedMs = node.server.confLoadedMs - (node.server.nowMs - node.seenMs.server)
      if (loadedMs >= differsSinceMs - limits.clockMs) continue
      yield {
        subject: subject.accessRules(node.name),
        node: node.name,
        message: `pg_hba.conf of ${node.name} has changed and was not loaded since: the next reload or start makes it live`,
        evidence: {
          pg_conf_load_time: new Date(node.server.confLoadedMs).toISOString(),
          changed_after: new Date(differsSinceMs).toISOString(),
        },
        remedy: `Read the file on ${node.name} line by line. If it is meant: select pg_reload_conf(); else put the old file back. If it was meant and is live: antemortem accept`,
      }
    }
  },
})

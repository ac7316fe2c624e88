import { defineCheck } from '../../core/check.ts'
import type { Draft } from '../../core/finding.ts'
import { differs, goodOf, hiddenFromReader } from '../../core/known-good.ts'
import { sessionParameters } from '../../core/session-parameters.ts'
import { alterSystem } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** How clients reach the server and get in: after one of these, open sessions work and new ones may not. */
const entrance = new Set([
  'hba_file',
  'ident_file',
  'listen_addresses',
  'max_connections',
  'password_encryption',
  'port',
  'reserved_connections',
  'search_path',
  'superuser_reserved_connections',
  'unix_socket_directories',
])
/** What failover managers write, what the server computes, and what only its log and its statistics are made of. */
const harmless = /^(?:log_|track_|compute_query_id$|primary_conninfo$|primary_slot_name$|recovery_target|cluster_name$)/
const computed =
  /^(?:server_version|server_version_num|shared_memory_size|num_os_semaphores|huge_pages_status|in_hot_standby|io_max_concurrency|effective_wal_level$)/

/** Any change of configuration is a reason to look when something breaks: this says what is otherwise than when all was well. */
export default defineCheck({
  id: 'configuration/changed-since-lkg',
  on: ['postgres'],
  severity: 'warning',
  needs: ['settings', 'server'],
  wants: ['accessRules', 'roleSettings', 'privileges'],
  needsCluster: ['lastGood'],
  question: 'Is each node configured as it was when all was last known good?',
  seeds: [0, 2, 3],
  *run({ nodes, cluster, changes }) {
    const since = new Date(cluster.lastGood.atMs).toISOString()
    for (const node of nodes) {
      const good = goodOf(cluster.lastGood, node.name)
      const hidden = hiddenFromReader(node.wanted)
      const draft = (object: string, old: string, now: string): Pick<Draft, 'subject' | 'node' | 'evidence'> => {
        const seenMs = changes.findLast((change) => change.object === object)?.atMs
        return {
          subject: object,
          node: node.name,
          evidence: {
            old,
            new: now,
            last_known_good: since,
            change_seen: seenMs === undefined ? null : new Date(seenMs).toISOString(),
            pg_conf_load_time: new Date(node.server.confLoadedMs).toISOString(),
          },
        }
      }
      for (const [name, value] of Object.entries(node.settings)) {
        const old = good?.settings?.[name]
        // Settings that only one side has come and go with versions and libraries; what clients see is parameter-drift's.
        if (old === undefined || !differs(old, value) || sessionParameters.has(name) || hidden.has(name)) continue
        if (computed.test(name)) continue
        const severity =
          entrance.has(name) || /^ssl(?:_|$)/.test(name) ? 'error' : harmless.test(name) ? 'info' : 'warning'
        yield {
          ...draft(subject.setting(node.name, name), old, value),
          severity,
          message: `${name} of ${node.name} is ${value || 'empty'}, and was ${old || 'empty'} when all was last known good`,
          remedy: `If it was meant: antemortem accept. If not, on ${node.name}: ${alterSystem(name, old)} restart it if this says true: select pending_restart from pg_settings where name = '${name}';`,
        }
      }
      const rules = node.wanted.accessRules?.digest
      if (good?.accessRulesDigest != null && rules !== undefined && rules !== good.accessRulesDigest)
        yield {
          ...draft(subject.accessRules(node.name), good.accessRulesDigest, rules),
          severity: 'error',
          message: `pg_hba.conf of ${node.name} is not what it was when all was last known good`,
          remedy: `Read it on ${node.name}: select line_number, type, database, user_name, address, auth_method, error from pg_hba_file_rules; if it was meant: antemortem accept. If not, put the old file back, then: select pg_reload_conf();`,
        }
    }
  },
})

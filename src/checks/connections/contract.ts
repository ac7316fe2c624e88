import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'

/** What the application needs, asked as the application asks it: a new connection, its own settings, its own query. */
export default defineCheck({
  id: 'connections/contract',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  needs: [],
  needsCluster: ['contracts'],
  limits: {
    failures: { default: 3, unit: 'count', why: 'one lost connection is no outage; three in a row are' },
  },
  question: 'Can the application connect with its own settings, and does its canary answer?',
  seeds: [0, 2],
  *run({ cluster, limits }) {
    for (const result of cluster.contracts) {
      if (result.ok) continue
      const isData = result.layer === 'data' || result.layer === 'stale'
      yield {
        subject: `${subject.contract(result.contract, result.instance)}→${result.node}`,
        node: result.node,
        severity: isData || result.failures >= limits.failures ? 'critical' : 'warning',
        message: `${result.instance} cannot use ${result.node} (${result.layer ?? 'unknown'}): ${result.message ?? ''}`,
        evidence: {
          layer: result.layer,
          code: result.code,
          ms: Math.round(result.ms),
          failures: result.failures,
          route: result.route,
        },
        remedy: remedies[result.layer ?? 'query'],
      }
    }
  },
})

const remedies = {
  dns: 'Resolve the name on the host of the application.',
  tcp: 'Compare host and port in the settings file with where the server listens.',
  tls: 'Compare sslmode and certificates of client and server.',
  access: 'Look at pg_hba_file_rules for the line that matches this client.',
  auth: 'Compare the role, its password and its expiry with the settings file.',
  database: 'Compare the database name in the settings file with pg_database.',
  capacity: 'See who holds the connections: pg_stat_activity by role and application.',
  role: 'Look at the privileges and the settings of the role (pg_db_role_setting).',
  query: 'Run the canary by hand as this role: its error is the evidence.',
  latency: 'Compare with the other paths to this node: one slow path is the network, all of them are the server.',
  data: 'Compare the rows of the canary on this node with the primary.',
  stale: 'Look at the replication of this node: its rows are older than the contract allows.',
} as const

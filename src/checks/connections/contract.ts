import { defineCheck } from '../../core/check.ts'
import { isFromStop, isStoppedOnPurpose, plannedStopLimit, stopsOf } from '../../core/planned-stop.ts'
import { subject } from '../../core/subject.ts'

/** What the application needs, asked as the application asks it: a new connection, its own settings, its own query. */
export default defineCheck({
  id: 'connections/contract',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  needs: [],
  needsCluster: ['contracts'],
  wantsCluster: ['files', 'logs'],
  limits: {
    failures: { default: 3, unit: 'count', why: 'one lost connection is no outage; three in a row are' },
    plannedStopMs: plannedStopLimit,
  },
  question: 'Can the application connect with its own settings, and does its canary answer?',
  seeds: [0, 2],
  *run({ nodes, cluster, wanted, limits, atMs }) {
    const time = { atMs, withinMs: limits.plannedStopMs }
    for (const result of cluster.contracts) {
      if (result.ok) continue
      const file = wanted.files?.find(
        ({ contract, instance }) => contract === result.contract && instance === result.instance,
      )
      // Their names only: a value can hold a password.
      const changed = file?.keys
        .filter(({ value, lastGood }) => lastGood !== undefined && lastGood !== value)
        .map(({ key }) => key)
      const isData = result.layer === 'data' || result.layer === 'stale'
      const isPlanned = isFromStop(result.code) && isStoppedOnPurpose(wanted.logs, stopsOf(result.node, nodes), time)
      yield {
        subject: `${subject.contract(result.contract, result.instance)}→${result.node}`,
        node: result.node,
        severity: isData || (result.failures >= limits.failures && !isPlanned) ? 'critical' : 'warning',
        message: `${result.instance} cannot use ${result.node} (${result.layer ?? 'settings'}): ${result.message ?? ''}`,
        evidence: {
          layer: result.layer,
          code: result.code,
          ms: Math.round(result.ms),
          failures: result.failures,
          route: result.route,
          role: result.role,
          ...(changed && { changed_settings: changed.join(', ') || null }),
        },
        remedy:
          file && changed?.length
            ? `${changed.join(', ')} in ${file.file} changed since all was well: put it back and restart ${result.instance}.`
            : file?.problem
              ? `Make ${file.file} readable again: ${file.problem}`
              : remedies[result.layer ?? 'settings'],
      }
    }
  },
})

const remedies = {
  settings: 'Mend its settings file as the message says; nobody could connect with what stands there.',
  dns: 'On the host of the application: getent hosts NAME; correct the name in the settings file, or the record.',
  tcp: 'Compare host and port in the settings file with where the server listens: on its host, ss -ltn; in it, show port; show listen_addresses;',
  tls: 'Compare sslmode and the certificates of client and server with their dates: openssl x509 -noout -subject -enddate -in FILE',
  access:
    'On the node: select line_number, type, database, user_name, address, auth_method, error from pg_hba_file_rules; correct the first line that matches this client, then: select pg_reload_conf();',
  auth: 'On the node: select rolname, rolcanlogin, rolvaliduntil from pg_roles; then put the password that works into the settings file, or set it again with \\password ROLE.',
  database: 'Compare the database name in the settings file with: select datname, datallowconn from pg_database;',
  capacity:
    'On the node: select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 order by 4 desc; make the pool that holds most smaller, or raise rolconnlimit where that is what was reached.',
  role: 'On the node: select pg_is_in_recovery(); select setrole::regrole, setconfig from pg_db_role_setting; undo what is new there, or put the missing grant back.',
  query: 'Run the canary by hand as this role: its error is the evidence. For 42P01: show search_path;',
  latency: 'Compare with the other paths to this node: one slow path is the network, all of them are the server.',
  data: 'Compare the rows of the canary on this node with the primary.',
  stale: 'Look at the replication of this node: its rows are older than the contract allows.',
} as const

import { defineCheck } from '../../core/check.ts'
import type { ContractFact, Layer } from '../../core/facts/cluster.ts'
import type { RoleFact } from '../../core/facts/postgres/access.ts'
import { isFromStop, isStoppedOnPurpose, plannedStopLimit, stopsOf } from '../../core/planned-stop.ts'
import { sqlLiteral, sqlName } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

const loginLayers: readonly (Layer | null)[] = ['access', 'auth', 'database', 'role']

/** Sessions that are open go on with the old login: only a new one, made as the application makes it, shows that it is refused. */
export default defineCheck({
  id: 'connections/auth',
  on: ['postgres'],
  severity: 'critical',
  harm: true,
  needs: [],
  wants: ['roles'],
  needsCluster: ['contracts'],
  wantsCluster: ['logs'],
  limits: {
    failures: {
      default: 2,
      unit: 'count',
      why: 'a password that is being changed reaches server and file a moment apart',
    },
    plannedStopMs: plannedStopLimit,
  },
  question: "Is any application's role refused when it logs in anew?",
  seeds: [0, 2],
  *run({ nodes, cluster, wanted, limits, atMs }) {
    const time = { atMs, withinMs: limits.plannedStopMs }
    const refused = cluster.contracts.filter(({ ok, layer }) => !ok && loginLayers.includes(layer))
    const groups = Map.groupBy(refused, ({ node, role, instance }) => JSON.stringify([node, role, role ?? instance]))
    for (const group of groups.values()) {
      const worst = group.reduce((most, each) => (each.failures > most.failures ? each : most))
      const roles = nodes.find(({ name }) => name === worst.node)?.wanted.roles
      const known = roles?.find(({ name }) => name === worst.role)
      const instances = new Set(group.map(({ instance }) => instance))
      const all = cluster.contracts.filter(({ node, role }) => node === worst.node && role === worst.role)
      const who = worst.role ?? worst.instance
      const isPlanned = isFromStop(worst.code) && isStoppedOnPurpose(wanted.logs, stopsOf(worst.node, nodes), time)
      yield {
        subject:
          worst.role === null ? subject.application(worst.node, worst.instance) : subject.role(worst.node, worst.role),
        node: worst.node,
        severity: worst.failures >= limits.failures && !isPlanned ? 'critical' : 'warning',
        message: `a new session of ${who} is refused on ${worst.node} (${worst.layer}, ${worst.code ?? 'no SQLSTATE'}): ${worst.message ?? 'no message'}`,
        evidence: {
          role: worst.role,
          route: [...new Set(group.map(({ route }) => route))].join(', '),
          layer: worst.layer,
          sqlstate: worst.code,
          instances: [...instances].join(', '),
          instances_of_this_role: new Set(all.map(({ instance }) => instance)).size,
          failures: worst.failures,
          ...(roles && worst.role !== null && { role_exists: known !== undefined }),
          ...(known && { rolcanlogin: known.canLogin, rolvaliduntil: dateOf(known.validUntilMs) }),
        },
        remedy: remedyOf(worst, roles !== undefined, known, atMs),
      }
    }
  },
})

const dateOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

function remedyOf({ layer, role, node }: ContractFact, rolesSeen: boolean, known: RoleFact | undefined, atMs: number) {
  const name = sqlName(role ?? 'ROLE')
  if (role !== null && rolesSeen && !known)
    return `${role} does not exist on ${node}. Create it there as it was (create role ${name} login; its grants), then set its password with \\password ${name}.`
  if (known && !known.canLogin) return `On ${node}: alter role ${name} login;`
  if (known?.validUntilMs !== null && known && known.validUntilMs <= atMs)
    return `Its password has expired. On ${node}: alter role ${name} valid until 'infinity'; and then change it in good order.`
  if (layer === 'access')
    return `On ${node}: select line_number, type, database, user_name, address, auth_method, error from pg_hba_file_rules; put back the line that let ${role ?? 'it'} in, then: select pg_reload_conf();`
  if (layer === 'database')
    return `On ${node}: select datname, datallowconn, has_database_privilege(${sqlLiteral(role ?? 'ROLE')}, datname, 'connect') from pg_database; then correct the name in the settings file, or: grant connect on database …;`
  if (layer === 'role')
    return `On ${node}: select pg_is_in_recovery(); select setrole::regrole, setconfig from pg_db_role_setting; undo what is new there, or send the application to the node that its contract names.`
  return `Put the old password back where it was changed: in the settings file, or on ${node} with \\password ${name}. Do it before pools restart: sessions that are open still work.`
}

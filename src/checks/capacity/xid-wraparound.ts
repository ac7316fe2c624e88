import { defineCheck } from '../../core/check.ts'
import { sqlLiteral } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** Half of the 32-bit circle: what is older would seem to lie in the future. */
const circle = 2 ** 31
/** `SetTransactionIdLimit`: with so many left the server takes no more writes. */
const stopBefore = 3_000_000

interface Age {
  readonly column: 'datfrozenxid' | 'datminmxid'
  readonly age: number
  /** `autovacuum_freeze_max_age` or its twin. */
  readonly freezeMaxAge: number
}

/** Autovacuum stops this by itself; where it cannot, the server ends all writes on a day that can be foretold. */
export default defineCheck({
  id: 'capacity/xid-wraparound',
  on: ['postgres'],
  severity: 'error',
  harm: true,
  needs: ['databases', 'settings'],
  wants: ['activity'],
  limits: {
    warningShare: {
      default: 0.5,
      unit: 'share',
      why: 'autovacuum freezes at a tenth: something has kept it from that for long',
    },
    errorShare: { default: 0.75, unit: 'share', why: 'at a thousand transactions a second six days are left' },
    timesFreezeAge: {
      default: 2,
      unit: 'count',
      why: 'a vacuum that prevents wraparound has been due for as long again as it takes to be due',
    },
  },
  question: 'How near is any database to the end of its transaction ids?',
  seeds: [4],
  *run({ nodes, limits }) {
    for (const node of nodes) {
      // Ages of a physical standby are its primary's, and can be mended only there.
      if (node.role === 'standby' && nodes.some(({ name }) => name === node.upstream)) continue
      const setting = (name: string, otherwise: number): number => Number(node.settings[name] ?? otherwise)
      for (const { name, xidAge, mxidAge } of node.databases) {
        const ages: readonly Age[] = [
          { column: 'datfrozenxid', age: xidAge, freezeMaxAge: setting('autovacuum_freeze_max_age', 200_000_000) },
          {
            column: 'datminmxid',
            age: mxidAge,
            freezeMaxAge: setting('autovacuum_multixact_freeze_max_age', 400_000_000),
          },
        ]
        const worst = ages.reduce((most, each) => (each.age > most.age ? each : most))
        const late = ages.find(({ age, freezeMaxAge }) => age > limits.timesFreezeAge * freezeMaxAge)
        const share = worst.age / circle
        if (share <= limits.warningShare && !late) continue
        const { column, age, freezeMaxAge } = share > limits.warningShare ? worst : (late ?? worst)
        const holder = node.wanted.activity?.long.reduce<{ pid: number; xminAge: number } | null>(
          (oldest, { pid, xminAge }) =>
            xminAge !== null && xminAge > (oldest?.xminAge ?? 0) ? { pid, xminAge } : oldest,
          null,
        )
        const hasEnded = circle - age <= stopBefore
        yield {
          subject: subject.database(node.name, name),
          node: node.name,
          severity: hasEnded ? 'critical' : share > limits.errorShare ? 'error' : 'warning',
          message: hasEnded
            ? `${node.name} takes no more writes: database ${name} is at the end of its transaction ids`
            : `database ${name} on ${node.name} has used ${Math.round((age / circle) * 100)} % of its ${column === 'datfrozenxid' ? 'transaction ids' : 'multixact ids'}`,
          evidence: {
            datname: name,
            column,
            age,
            left: circle - age,
            freeze_max_age: freezeMaxAge,
            oldest_xmin_pid: holder?.pid ?? null,
            oldest_xmin_age: holder?.xminAge ?? null,
          },
          remedy: `On ${node.name}, end what holds vacuum up: select pid, age(backend_xmin) from pg_stat_activity where backend_xmin is not null order by 2 desc; select slot_name, age(xmin), age(catalog_xmin) from pg_replication_slots; select gid, age(transaction) from pg_prepared_xacts; then, connected to the database ${sqlLiteral(name)}: vacuum (freeze, verbose); of the tables first in: select oid::regclass, age(relfrozenxid) from pg_class where relkind in ('r', 'm', 't') order by 2 desc limit 20;`,
        }
      }
    }
  },
})

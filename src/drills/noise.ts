import type { AppRelease, LabStep } from '../core/lab-step.ts'
import type { AuthNames } from '../lab/auth-schema.ts'
import type { Random } from './random.ts'

/** What looks like a reason: a deployment that changes nothing, a busy processor, somebody's report. */
export type Decoy = 'deployment' | 'burn' | 'report'

const mostChanges = 5

export function drawNoise(
  names: AuthNames,
  random: Random,
): { readonly noise: readonly LabStep[]; readonly decoy: Decoy | null } {
  const noise = random.some(harmless(names, random), random.int(mostChanges + 1)).flat()
  return { noise, decoy: random.pick<Decoy | null>([null, null, null, 'deployment', 'deployment', 'burn', 'report']) }
}

/** Short and small: what is a real load is a drill of its own. */
export function decoySteps(decoy: Decoy | null, names: AuthNames, release: AppRelease): readonly LabStep[] {
  if (decoy === null) return []
  const steps: Readonly<Record<Decoy, LabStep>> = {
    deployment: { do: 'release', release: { ...release, name: `${release.name}.1` } },
    burn: { do: 'burn', processes: 1, forMs: 3_000 },
    report: { do: 'pgload', node: names.standby, clients: 1, forMs: 3_000 },
  }
  return [steps[decoy]]
}

/** Changes that break nothing, each a few steps: what merely coincides is listed, not named. */
function harmless({ primary, standby, subscriber }: AuthNames, random: Random): readonly (readonly LabStep[])[] {
  const sql = (node: string, text: string): readonly LabStep[] => [{ do: 'sql', node, text }]
  const conf = (node: string, settings: Readonly<Record<string, string>>): readonly LabStep[] => [
    { do: 'conf', node, settings },
    { do: 'reload', node },
  ]
  return [
    sql(primary, 'create index orders_placed_at_idx on orders (placed_at)'),
    sql(primary, `create view recent_orders as select * from orders where placed_at > now() - interval '1 day'`),
    sql(primary, 'create table import_scratch (line int primary key, raw text)'),
    sql(primary, `alter table sessions alter column started_at set default clock_timestamp()`),
    sql(subscriber, 'create table report_cache (day date primary key, logins int not null)'),
    conf(standby, { work_mem: '6MB' }),
    conf(primary, { log_min_duration_statement: '5s' }),
    sql(primary, 'vacuum analyze orders'),
    sql(primary, 'create role auditor nologin'),
    [{ do: 'env', instances: [1 + random.int(3)], set: { DB_CONNECT_TIMEOUT_MS: '2500' } }],
    [{ do: 'env', instances: [1 + random.int(3)], set: { LOG_LEVEL: 'info' } }],
    [
      { do: 'hba', node: standby, at: 'end', lines: ['host  all  auditor  127.0.0.1/32  reject'] },
      { do: 'reload', node: standby },
    ],
  ]
}

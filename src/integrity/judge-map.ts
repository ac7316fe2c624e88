import { sqlName } from '../core/sql-text.ts'
import { subject } from '../core/subject.ts'
import { words, type Damage } from './damage.ts'
import type { Looks, NodeLook, TableLook } from './looks.ts'

/**
 * A visibility map that promises what its rows do not hold. Wrong itself, it is thrown away, and a vacuum makes it anew. Where a
 * standby still shows the rows, they are what is wrong, and a vacuum would take them away from every node.
 */
export function judgeMap(looks: Looks, { node }: NodeLook, look: TableLook): readonly Damage[] {
  const { schema, table, mismapped } = look
  const [first] = mismapped
  if (first === undefined) return []
  const asked = looks.mapped.filter((each) => node === looks.primary && each.schema === schema && each.table === table)
  const shown = asked.find(({ here, there }) => there > here)
  const places = `${mismapped.slice(0, 5).join(', ')}${mismapped.length > 5 ? ', …' : ''}`
  const damage = {
    check: 'integrity/visibility-map',
    subject: subject.table(node, schema, table),
    node,
    severity: 'critical',
  } as const
  const evidence = { rows: mismapped.length, first }
  if (shown)
    return [
      {
        ...damage,
        message: `${shown.there - shown.here} rows of ${schema}.${table} on ${node} were made deleted by nobody (${places}): the visibility map says that everybody sees them, their own headers that nobody does, and ${shown.peer} still shows them. Who looks by an index does not find them, who reads the whole table may; the next vacuum takes them away, on standbys as well`,
        evidence: { ...evidence, still_on: shown.peer, rows_elsewhere: shown.there },
        remedy: `At once: alter table ${nameOf(look)} set (autovacuum_enabled = off); no vacuum. Then make it anew from ${shown.peer}: antemortem integrity --repair plan`,
        mend: { kind: 'rebuild', schema, table, donor: shown.peer },
      },
    ]
  const isSure = asked.length > 0
  return [
    {
      ...damage,
      message: `the visibility map of ${schema}.${table} on ${node} calls ${mismapped.length} rows visible to everybody that are not (${places}): who is answered by an index alone is shown rows that were deleted. ${isSure ? 'No row is lost' : 'No standby of it could be asked whether it still shows these rows'}`,
      evidence,
      remedy: `${isSure || node !== looks.primary ? '' : `First see that none of these rows should be there (select * from ${nameOf(look)} where ctid = any('{...}') on a copy); a vacuum takes them away. `}As a superuser on ${looks.primary ?? 'the primary'}, which mends its standbys as well: create extension if not exists pg_visibility; select pg_truncate_visibility_map('${nameOf(look)}'); vacuum ${nameOf(look)};`,
      mend: words,
    },
  ]
}

const nameOf = ({ schema, table }: TableLook): string => `${sqlName(schema)}.${sqlName(table)}`

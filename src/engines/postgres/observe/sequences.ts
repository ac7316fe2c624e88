import { z } from 'zod'
import { unseen } from '../../../core/observation.ts'
import { byText, defineReader, tooMany } from '../reader.ts'
import { ownTables } from './tables.ts'

/** To read one takes a lock on it until the statement ends: 6400 locks are what all sessions of an untouched server share. */
const most = 1000

const row = z.tuple([
  z.string(),
  z.string(),
  z.boolean(),
  z.string().nullable(),
  z.number(),
  z.string(),
  z.tuple([z.string(), z.string(), z.string()]).nullable(),
])

/**
 * The column: by ownership (`serial`, identity), else by a default that draws from it. Unlogged sequences have no value on a
 * standby.
 */
const sql = `(with own as materialized (
    select c.oid, c.relname, c.relpersistence, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'S' and ${ownTables} limit ${most + 1})
  select json_build_array((select count(*) from own), case when (select count(*) from own) <= ${most} then (
    select json_agg(json_build_array(o.nspname, o.relname, may, case
        when may and (o.relpersistence = 'p' or not pg_is_in_recovery()) then pg_sequence_last_value(o.oid)::text end,
      s.seqincrement, s.seqmax::text, (
        select json_build_array(n.nspname, t.relname, a.attname) from (
          select refobjid as rel, refobjsubid as col, 1 as nth from pg_depend
            where classid = 1259 and objid = o.oid and refclassid = 1259 and refobjsubid > 0 and deptype in ('a', 'i')
          union all
          select f.adrelid, f.adnum, 2 from pg_depend d join pg_attrdef f on f.oid = d.objid
            where d.refclassid = 1259 and d.refobjid = o.oid and d.classid = 2604) u
        join pg_class t on t.oid = u.rel join pg_namespace n on n.oid = t.relnamespace
        join pg_attribute a on a.attrelid = u.rel and a.attnum = u.col
        order by u.nth, n.nspname, t.relname, a.attname limit 1)))
    from own o join pg_sequence s on s.seqrelid = o.oid
    cross join lateral (select coalesce(has_sequence_privilege(o.oid, 'select, usage'), false) as may) m) end))`

export const sequences = defineReader({
  key: 'sequences',
  tier: 'slow',
  privilege: 'grant',
  schema: z.tuple([
    z.number(),
    z
      .array(row)
      .nullable()
      .transform((rows) => rows ?? []),
  ]),
  sql,
  map: ([count, rows], { hello }) => {
    if (count > most) return tooMany('sequences', most)
    const hiddenIn = [...new Set(rows.filter(([, , may]) => !may).map(([schema]) => schema))].sort(byText)
    // One that is not seen may be the one that runs out.
    if (hiddenIn.length > 0) {
      const names = hiddenIn.map((schema) => `"${schema.replaceAll('"', '""')}"`).join(', ')
      return unseen(
        'no-privilege',
        `${hello.role} may not see where sequences of schema ${hiddenIn.join(', ')} stand, in database ${hello.database}`,
        `grant select on all sequences in schema ${names} to "${hello.role}"`,
      )
    }
    return rows
      .map(([schema, name, , lastValue, increment, maxValue, column]) => ({
        schema,
        name,
        lastValue,
        increment,
        maxValue,
        column: column && { schema: column[0], table: column[1], name: column[2] },
      }))
      .sort((a, b) => byText(a.schema, b.schema) || byText(a.name, b.name))
  },
})

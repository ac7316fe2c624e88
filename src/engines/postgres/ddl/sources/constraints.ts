import type { DdlSource } from '../source.ts'
import { notOfExtension, ownSchema, relation } from '../source.ts'

const source = (rank: number, types: string, more: string): DdlSource => ({
  rank,
  sql: `select 'pg_constraint/' || k.oid, format('constraint %I on %s', k.conname, ${relation}),
      array[format('alter table %s add constraint %I %s', ${relation}, k.conname, pg_get_constraintdef(k.oid))]
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where k.contype in (${types}) and ${more} and c.relpersistence <> 't'
      and ${ownSchema('n')} and ${notOfExtension('pg_class', 'c.oid')}`,
})

/** Foreign keys come after all others: they need the keys that they refer to. What a partition has from its parent, it gets. */
export const constraints: readonly DdlSource[] = [
  source(40, `'c'`, `(k.conislocal or not c.relispartition)`),
  source(41, `'p', 'u', 'x'`, 'k.conparentid = 0'),
  source(50, `'f'`, 'k.conparentid = 0'),
]

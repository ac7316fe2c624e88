import type { DdlSource } from '../source.ts'
import { notInternal, notOfExtension, ownSchema } from '../source.ts'

const grantee = `case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end`

interface Kind {
  /** Which rows; absent: those of a schema `n` that belongs to somebody. */
  readonly where?: string
  readonly word: string
  readonly name: string
  readonly from: string
  readonly acl: string
  readonly owner: string
  readonly key: string
  /** What everybody may unless it was taken away. */
  readonly givenToAll?: string
}

/** One statement for each privilege, to all who have it; what the owner has, he has anyway. */
const source = ({ word, name, from, acl, owner, key, givenToAll, where = ownSchema('n') }: Kind): DdlSource => ({
  rank: 100,
  sql: `select ${key}, 'privileges on ' || ${word} || ' ' || ${name},
      ${
        givenToAll === undefined
          ? ''
          : `array[case when not exists (select from aclexplode(${acl}) a where a.grantee = 0)
        then format('revoke ${givenToAll} on %s %s from public', ${word}, ${name}) end] || `
      }array(select format('grant %s on %s %s to %s', lower(a.privilege_type), ${word}, ${name},
          string_agg(${grantee}, ', ' order by ${grantee}))
        from aclexplode(${acl}) a where a.grantee <> ${owner} group by a.privilege_type order by a.privilege_type)
    from ${from} where ${acl} is not null and ${where}`,
})

/** Who may what, as far as it decides whether a change and its rows pass; privileges on single columns are left out. */
export const grants: readonly DdlSource[] = [
  source({
    word: `'database'`,
    name: `quote_ident(d.datname)`,
    from: `pg_database d`,
    acl: 'd.datacl',
    owner: 'd.datdba',
    key: `'pg_database-grant/' || d.oid`,
    where: 'd.datname = current_database()',
    givenToAll: 'connect',
  }),
  source({
    word: `'schema'`,
    name: `quote_ident(n.nspname)`,
    from: `pg_namespace n`,
    acl: 'n.nspacl',
    owner: 'n.nspowner',
    key: `'pg_namespace-grant/' || n.oid`,
  }),
  source({
    word: `case c.relkind when 'S' then 'sequence' else 'table' end`,
    name: `format('%I.%I', n.nspname, c.relname)`,
    from: `pg_class c join pg_namespace n on n.oid = c.relnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and c.relpersistence <> 't' and ${notOfExtension('pg_class', 'c.oid')}`,
    acl: 'c.relacl',
    owner: 'c.relowner',
    key: `'pg_class-grant/' || c.oid`,
  }),
  source({
    word: `'routine'`,
    name: `format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))`,
    from: `pg_proc p join pg_namespace n on n.oid = p.pronamespace and p.prokind in ('f', 'p') and ${notInternal('pg_proc', 'p.oid')}`,
    acl: 'p.proacl',
    owner: 'p.proowner',
    key: `'pg_proc-grant/' || p.oid`,
    givenToAll: 'execute',
  }),
]

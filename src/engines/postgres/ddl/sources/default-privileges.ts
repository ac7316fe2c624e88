import type { DdlSource } from '../source.ts'

const kinds = `case o.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' when 'T' then 'types' else 'schemas' end`

/** What others may do with objects that a role will make: without it the application could not read a table that the change makes. */
export const defaultPrivileges: DdlSource = {
  rank: 105,
  sql: `select 'pg_default_acl/' || o.oid,
      format('default privileges of %I on %s%s', pg_get_userbyid(o.defaclrole), ${kinds}, coalesce(' in ' || n.nspname, '')),
      array(select format('alter default privileges for role %I%s grant %s on %s to %s', pg_get_userbyid(o.defaclrole),
          coalesce(' in schema ' || quote_ident(n.nspname), ''), lower(a.privilege_type), ${kinds},
          string_agg(case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end, ', '))
        from aclexplode(o.defaclacl) a where a.grantee <> o.defaclrole group by a.privilege_type order by a.privilege_type)
    from pg_default_acl o left join pg_namespace n on n.oid = o.defaclnamespace`,
}

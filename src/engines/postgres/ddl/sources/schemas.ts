import type { DdlSource } from '../source.ts'
import { notOfExtension, ownSchema } from '../source.ts'

/** `public` is there from the start, but perhaps not with the same owner. */
export const schemas: DdlSource = {
  rank: 0,
  sql: `select 'pg_namespace/' || n.oid, format('schema %I', n.nspname),
      array[format('create schema if not exists %I', n.nspname),
        format('alter schema %I owner to %I', n.nspname, pg_get_userbyid(n.nspowner))]
    from pg_namespace n where ${ownSchema('n')} and ${notOfExtension('pg_namespace', 'n.oid')}`,
}

/** Without a version: the lab's binaries bring theirs. */
export const extensions: DdlSource = {
  rank: 1,
  sql: `select 'pg_extension/' || x.oid, format('extension %I', x.extname),
      array[format('create extension if not exists %I schema %I', x.extname, n.nspname)]
    from pg_extension x join pg_namespace n on n.oid = x.extnamespace where x.extname <> 'plpgsql'`,
}

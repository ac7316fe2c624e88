/**
 * One kind of object as a select of (key, what, sql): `key` is `catalog/oid`, as pg_depend would name it, `what` a name for
 * people, `sql` the statements that make it, NULLs left out. Written for `search_path = pg_catalog`, so that every name is
 * printed with its schema.
 */
export interface DdlSource {
  /** Where dependencies leave a choice, the lower one is made first. */
  readonly rank: number
  readonly sql: string
}

/** Schemas that belong to somebody: neither the system's nor a session's temporary one. */
export const ownSchema = (alias: string): string =>
  `(${alias}.nspname !~ '^pg_' and ${alias}.nspname <> 'information_schema')`

/** What comes with something else: an extension brings its objects, a range type its constructors. */
export const notOfExtension = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`
export const notInternal = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype in ('e', 'i'))`

/** A relation's name with its schema, for `c` and `n`. */
export const relation = `format('%I.%I', n.nspname, c.relname)`

/** `, ` between the options of `with (…)`, with the words around it; empty without any. */
export const withOptions = `coalesce(' with (' || array_to_string(c.reloptions, ', ') || ')', '')`

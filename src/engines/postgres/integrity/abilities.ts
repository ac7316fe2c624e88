import { z } from 'zod'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRow } from '../rows/node-reader.ts'

const callable = z.object({ call: z.string(), may: z.boolean() }).nullable()

const row = z.object({
  role: z.string(),
  isSuperuser: z.boolean(),
  isInRecovery: z.boolean(),
  versionNum: z.number(),
  systemId: z.string(),
  database: z.string(),
  checksums: z.boolean(),
  amcheck: z.string().nullable(),
  pageinspect: z.string().nullable(),
  checkIndex: callable,
  checkHeap: callable,
  /** Indexes of kind GIN, from PostgreSQL 18 on. */
  checkGin: callable,
  /** Schema of pg_visibility. */
  visibility: z.string().nullable(),
  checkVisible: callable,
})

/** What of a server's inner state the reading role can look at. A function is null where its extension is not installed. */
export type Abilities = z.output<typeof row>

const extension = (name: string): string =>
  `(select n.nspname::text from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = '${name}')`

/** The widest of the forms of a function: older versions of the extension have fewer arguments. */
const fn = (
  name: string,
  like: string,
  of = 'amcheck',
): string => `(select json_build_object('call', p.oid::regprocedure::text,
    'may', has_function_privilege(p.oid, 'execute') and has_schema_privilege(p.pronamespace, 'usage'))
  from pg_proc p join pg_extension e on e.extname = '${of}' and e.extnamespace = p.pronamespace
  where p.proname = '${name}' and pg_get_function_identity_arguments(p.oid) like '${like}' order by p.pronargs limit 1)`

const statement = `select quote_ident(current_user) as role, current_setting('is_superuser') = 'on' as "isSuperuser",
  pg_is_in_recovery() as "isInRecovery", current_setting('server_version_num')::int4 as "versionNum",
  (select system_identifier::text from pg_control_system()) as "systemId", current_database()::text as database,
  current_setting('data_checksums') = 'on' as checksums, ${extension('amcheck')} as amcheck, ${extension('pageinspect')} as pageinspect,
  ${fn('bt_index_check', '%regclass, %boolean')} as "checkIndex", ${fn('verify_heapam', '%')} as "checkHeap",
  ${fn('gin_index_check', '%regclass')} as "checkGin", ${extension('pg_visibility')} as visibility,
  ${fn('pg_check_visible', '%regclass%', 'pg_visibility')} as "checkVisible"`

export const readAbilities = async (reader: NodeReader, signal: AbortSignal): Promise<Abilities> =>
  readRow(reader, { text: statement }, row, signal)

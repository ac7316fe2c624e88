import { z } from 'zod'
import type { NodeReader } from '../rows/node-reader.ts'
import { readRows } from '../rows/node-reader.ts'

/** Where migration tools write down what has run: Rails, Flyway, Prisma, Knex, Django, … No row of a user is in them. */
const names = [
  '__EFMigrationsHistory',
  '__diesel_schema_migrations',
  '__drizzle_migrations',
  '_prisma_migrations',
  '_sqlx_migrations',
  'SequelizeMeta',
  'alembic_version',
  'ar_internal_metadata',
  'atlas_schema_revisions',
  'databasechangelog',
  'databasechangeloglock',
  'django_content_type',
  'django_migrations',
  'doctrine_migration_versions',
  'flyway_schema_history',
  'goose_db_version',
  'gorp_migrations',
  'knex_migrations',
  'knex_migrations_lock',
  'kysely_migration',
  'kysely_migration_lock',
  'migrations',
  'mikro_orm_migrations',
  'pgmigrations',
  'schema_info',
  'schema_migrations',
  'schema_version',
  'schemaversions',
  'typeorm_metadata',
]

const row = z.object({ schema: z.string(), table: z.string() })

/** Tables of migration tools that a node has, as far as the reading role may read them, and no larger than such a table is. */
export async function findBookkeeping(
  reader: NodeReader,
  signal: AbortSignal,
): Promise<readonly z.infer<typeof row>[]> {
  const text = `select n.nspname::text as schema, c.relname::text as table
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relname = any ($1::text[]) and pg_catalog.pg_relation_size(c.oid) < 4194304
      and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select')
    order by 1, 2`
  return readRows(reader, { text, values: [`{${names.map((name) => `"${name}"`).join(',')}}`] }, row, signal)
}

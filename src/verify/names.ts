import { sqlName } from '../core/sql-text.ts'

const plain = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : sqlName(name))

/** `schema.table`, quoted where it must be: how a report names a table. */
export const tableName = ({ schema, table }: { readonly schema: string; readonly table: string }): string =>
  `${plain(schema)}.${plain(table)}`

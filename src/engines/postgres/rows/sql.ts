export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const literal = (text: string): string =>
  text.includes('\\') ? ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'` : `'${text.replaceAll("'", "''")}'`

export const qualified = (schema: string, table: string): string => `${identifier(schema)}.${identifier(table)}`

/** The table's oid; 42P01 where it is absent. */
export const regclass = (schema: string, table: string): string => `${literal(qualified(schema, table))}::regclass`

/** The table and all its partitions, as `relid`; `pg_partition_tree` knows nothing of an ordinary table. */
export const treeOf = (relation: string): string =>
  `(select (${relation})::oid as relid union select relid from pg_partition_tree(${relation}))`

import { identifier } from '../engines/postgres/rows/sql.ts'

/** A name as one would type it: what is printed can be copied. */
export const shown = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : identifier(name))

export const shownTable = ({ schema, table }: { readonly schema: string; readonly table: string }): string =>
  `${shown(schema)}.${shown(table)}`

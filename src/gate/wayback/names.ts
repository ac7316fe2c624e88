import { identifier } from '../fill/sql.ts'
import type { Named } from '../change/relations.ts'

/** A name as one would type it: what is printed can be copied. */
export const shown = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : identifier(name))

/** As the statement spells it: without a schema it means the same as there. */
export const shownNamed = ({ schema, name }: Named): string =>
  schema === null ? shown(name) : `${shown(schema)}.${shown(name)}`

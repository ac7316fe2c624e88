import { text, type TreeNode } from '../change/tree.ts'
import { identifier } from '../fill/sql.ts'

/** A `RangeVar` as SQL; where it names no schema the search path decides, as it did the first time. */
export function nameOf(relation: TreeNode | null): string | null {
  const [schema, name] = [text(relation, 'schemaname'), text(relation, 'relname')]
  if (name === null) return null
  return schema === null ? identifier(name) : `${identifier(schema)}.${identifier(name)}`
}

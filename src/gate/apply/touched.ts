import { namesIn } from '../change/relations.ts'
import { child, text } from '../change/tree.ts'
import type { Step } from '../run/targets.ts'

/** Tables that a change names, as `schema.table`, under the names that they have afterwards as well. */
export const touchedBy = (steps: readonly Step[]): ReadonlySet<string> =>
  new Set(
    steps.flatMap(({ statement: { tree } }) => {
      const rename = child(tree, 'RenameStmt')
      const relation = child(rename, 'relation')
      const renamed = relation ? [`${text(relation, 'schemaname') ?? 'public'}.${text(rename, 'newname') ?? ''}`] : []
      return [...namesIn(tree).relations.map(({ schema, name }) => `${schema ?? 'public'}.${name}`), ...renamed]
    }),
  )

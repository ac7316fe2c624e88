import type { TableFact } from '../../core/facts/postgres/schema.ts'
import type { NodeView } from '../../core/snapshot.ts'
import type { ChangeStatement } from '../change/read-change.ts'
import type { Named } from '../change/relations.ts'
import { asNamed, createdTable, means } from '../change/relations.ts'
import { child, type TreeNode } from '../change/tree.ts'
import type { Told, Telling } from './told/told.ts'

/** What a node said before the change, and what the change itself makes there. */
export interface Before {
  readonly view: NodeView
  /** The change makes this table here: with it go all its rows. */
  readonly isMade: (named: Named) => boolean
  /** The change makes this table, sequence or view here: with it goes all that is made on it. */
  readonly isNew: (named: Named) => boolean
  /** The change makes this table on the node that writes its rows, too. */
  readonly hasTwin: (named: Named) => boolean
  /** What its catalog answered before the change; null where it was not asked, or could not say. */
  readonly told: (question: string) => readonly Told[] | null
}

interface Statements {
  /** Of the change on this node, up to the one that is asked about. */
  readonly here: readonly ChangeStatement[]
  /** Those on the primary, where this node is another; else none. */
  readonly onPrimary: readonly ChangeStatement[]
  readonly told?: Telling | undefined
}

export function beforeOf(view: NodeView, { here, onPrimary, told }: Statements): Before {
  const makes = (statements: readonly ChangeStatement[], named: Named, made: typeof createdTable): boolean =>
    statements.some(({ tree }) => {
      const created = made(tree)
      return (
        created !== null &&
        means(named, created.schema ?? 'public', created.name) &&
        tableBefore(view, created) === undefined
      )
    })
  return {
    view,
    isMade: (named) => makes(here, named, createdTable),
    isNew: (named) => makes(here, named, madeRelation),
    hasTwin: (named) => makes(onPrimary, named, createdTable),
    told: (question) => told?.(view.name, question) ?? null,
  }
}

/** What there can be only one of by its name; null for a statement that makes none, or may have found one. */
function madeRelation(tree: TreeNode): Named | null {
  const [sequence, view] = [child(tree, 'CreateSeqStmt'), child(tree, 'ViewStmt')]
  const made =
    sequence?.['if_not_exists'] === true || view?.['replace'] === true
      ? null
      : (child(sequence, 'sequence') ?? child(view, 'view'))
  return made === null ? createdTable(tree) : asNamed(made)
}

/** A name without a schema means `public`: where another search path is in force, nothing is known. */
export const tableBefore = ({ facts: { tables } }: NodeView, { schema, name }: Named): TableFact | undefined =>
  tables.seen ? tables.value.find((table) => table.name === name && table.schema === (schema ?? 'public')) : undefined

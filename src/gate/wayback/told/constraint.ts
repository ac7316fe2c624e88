import { literal } from '../../../engines/postgres/rows/sql.ts'
import { asNamed } from '../../change/relations.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { relationOid } from './named-in-sql.ts'

/** Constraints that an ALTER TABLE drops, each as the words that add it again; `name` says which. */
export function constraintsBefore(statement: TreeNode): string | null {
  const relation = child(statement, 'relation')
  const names = list(statement, 'cmds').flatMap((each) => {
    const command = child(each, 'AlterTableCmd')
    return text(command, 'subtype') === 'AT_DropConstraint' ? [text(command, 'name') ?? ''] : []
  })
  if (relation === null || names.length === 0) return null
  // What references it, or hangs from a partitioned parent, would not come back with it.
  return `select conname as name, format('add constraint %I %s', conname, pg_get_constraintdef(oid)) as words
    from pg_constraint c where conrelid = ${relationOid(asNamed(relation))} and conname in (${names.map(literal).join(', ')})
      and conparentid = 0 and not exists (select from pg_constraint f where f.confrelid = c.conrelid and f.conindid = c.conindid
        and f.contype = 'f')`
}

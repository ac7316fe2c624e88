import type { ChangeStatement } from '../change/read-change.ts'
import { asNamed } from '../change/relations.ts'
import { child, text, type TreeNode } from '../change/tree.ts'
import type { Step } from '../run/targets.ts'
import { commands } from '../wayback/inverse-of-table.ts'

/**
 * A constraint that the change adds `not valid` judges production's rows where it validates it, and production does not know it
 * yet: there the addition is asked about in its place, as if it judged at once. Pure.
 */
export const asValidated = (steps: readonly Step[]): readonly Step[] =>
  steps.map((step, index) => {
    const { file, line } = step.statement
    const added = validatedBy(step.statement).flatMap(({ table, constraint }) =>
      steps.slice(0, index).flatMap(({ statement }) => addedAs(statement, table, constraint) ?? []),
    )
    const [first] = added
    return first ? { ...step, statement: { ...first, file, line } } : step
  })

interface Validated {
  readonly table: string
  readonly constraint: string
}

const tableOf = (statement: TreeNode | null): string => {
  const relation = child(statement, 'relation')
  return relation ? JSON.stringify(asNamed(relation)) : ''
}

function validatedBy({ tree }: ChangeStatement): readonly Validated[] {
  const statement = child(tree, 'AlterTableStmt')
  return commands(statement).flatMap((command) => {
    const constraint = text(command, 'subtype') === 'AT_ValidateConstraint' ? text(command, 'name') : null
    return constraint === null ? [] : [{ table: tableOf(statement), constraint }]
  })
}

/** The statement with this addition alone. */
function addedAs(of: ChangeStatement, table: string, constraint: string): ChangeStatement | null {
  const statement = child(of.tree, 'AlterTableStmt')
  if (statement === null || tableOf(statement) !== table) return null
  for (const command of commands(statement)) {
    const def = child(child(command, 'def'), 'Constraint')
    if (text(command, 'subtype') !== 'AT_AddConstraint' || text(def, 'conname') !== constraint) continue
    const judging = { ...command, def: { Constraint: { ...def, skip_validation: false } } }
    return { ...of, tree: { AlterTableStmt: { ...statement, cmds: [{ AlterTableCmd: judging }] } } }
  }
  return null
}

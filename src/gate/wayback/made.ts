import { asNamed } from '../change/relations.ts'
import { child, list, text, type TreeNode } from '../change/tree.ts'
import type { Inverse } from './back-order.ts'
import { sql } from './back-order.ts'
import { shown, shownNamed } from './names.ts'

/** Statements that make a thing by its name; where it may replace another or find one, nobody knows what stood there. */
export const makes: Readonly<Record<string, (statement: TreeNode | null) => Inverse | null>> = {
  ViewStmt: (statement) => (isTolerant(statement) ? null : drops('view', child(statement, 'view'))),
  CreateSeqStmt: (statement) => (isTolerant(statement) ? null : drops('sequence', child(statement, 'sequence'))),
  CreateSchemaStmt: (statement) =>
    isTolerant(statement) ? null : sql(`drop schema ${shown(text(statement, 'schemaname') ?? '')}`),
  CreateExtensionStmt: (statement) =>
    isTolerant(statement) ? null : sql(`drop extension ${shown(text(statement, 'extname') ?? '')}`),
  CreateRoleStmt: (statement) => sql(`drop role ${shown(text(statement, 'role') ?? '')}`),
  CreateEnumStmt: (statement) => sql(`drop type ${dotted(list(statement, 'typeName'))}`),
  CreateDomainStmt: (statement) => sql(`drop domain ${dotted(list(statement, 'domainname'))}`),
  CreatePolicyStmt: (statement) => {
    const table = child(statement, 'table')
    return table === null
      ? null
      : sql(`drop policy ${shown(text(statement, 'policy_name') ?? '')} on ${shownNamed(asNamed(table))}`)
  },
  CreateTrigStmt: (statement) => {
    const table = child(statement, 'relation')
    return isTolerant(statement) || table === null
      ? null
      : sql(`drop trigger ${shown(text(statement, 'trigname') ?? '')} on ${shownNamed(asNamed(table))}`)
  },
}

const isTolerant = (statement: TreeNode | null): boolean =>
  statement?.['replace'] === true || statement?.['if_not_exists'] === true

const drops = (what: string, relation: TreeNode | null): Inverse | null =>
  relation === null ? null : sql(`drop ${what} ${shownNamed(asNamed(relation))}`)

const dotted = (parts: readonly unknown[]): string =>
  parts.map((part) => shown(text(child(part, 'String'), 'sval') ?? '')).join('.')

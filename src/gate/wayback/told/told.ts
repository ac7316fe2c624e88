import type { WordsBefore } from '../../../engines/postgres/ddl/words-before.ts'
import type { ChangeStatement } from '../../change/read-change.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'
import { commentBefore } from './comment.ts'
import { constraintsBefore } from './constraint.ts'
import { defaultPrivilegesBefore } from './default-privileges.ts'
import { droppedBefore } from './dropped.ts'
import { functionBefore } from './function.ts'
import { grantedBefore } from './granted.ts'
import { grantedRolesBefore } from './granted-roles.ts'
import { ownerBefore, relationOwnerBefore } from './owner.ts'
import { policyBefore } from './policy.ts'
import { roleOptionsBefore } from './role-options.ts'
import { rowSecurityBefore } from './row-security.ts'
import { sequenceBefore, sequenceMade } from './sequence.ts'
import { subscriptionBefore } from './subscription-options.ts'
import { viewBefore } from './view.ts'

/** A statement of the way back, as the server itself has put it; `name`: which part of a statement it takes back. */
export type Told = WordsBefore

/** What a node answered to the question of a statement; null: it was not asked, or could not say. */
export type Telling = (node: string, question: string) => readonly Told[] | null

/** By the kind of statement: a query over the catalog as it is before the change, whose rows take it back, in order. */
const questions: Readonly<Record<string, (statement: TreeNode, words: string) => string | null>> = {
  AlterDefaultPrivilegesStmt: defaultPrivilegesBefore,
  AlterOwnerStmt: ownerBefore,
  AlterPolicyStmt: policyBefore,
  AlterRoleStmt: roleOptionsBefore,
  AlterSeqStmt: sequenceBefore,
  AlterSubscriptionStmt: subscriptionBefore,
  AlterTableStmt: (statement, words) => {
    const [command, ...others] = list(statement, 'cmds')
    const isOwner = text(child(command, 'AlterTableCmd'), 'subtype') === 'AT_ChangeOwner' && others.length === 0
    if (isOwner) return relationOwnerBefore(statement, words)
    const parts = [constraintsBefore(statement), rowSecurityBefore(statement)].filter((part) => part !== null)
    return parts.length === 0 ? null : parts.join(' union all ')
  },
  CommentStmt: commentBefore,
  CreateFunctionStmt: functionBefore,
  CreateSeqStmt: sequenceMade,
  DropStmt: droppedBefore,
  GrantRoleStmt: grantedRolesBefore,
  GrantStmt: grantedBefore,
  ViewStmt: viewBefore,
}

/** What the catalog has to be asked to take a statement back; null where its words, or the facts of its node, say it. Pure. */
export function questionOf({ kind, tree, sql }: ChangeStatement): string | null {
  const statement = child(tree, kind)
  return statement === null ? null : (questions[kind]?.(statement, sql) ?? null)
}

import { child, text, type TreeNode } from './tree.ts'

/** The subscription to which a statement gives another connection string; null: it does no such thing. Pure. */
export function reconnected(tree: TreeNode): string | null {
  const statement = child(tree, 'AlterSubscriptionStmt')
  return text(statement, 'kind') === 'ALTER_SUBSCRIPTION_CONNECTION' ? text(statement, 'subname') : null
}

import { below, child, isNode, list, text, type TreeNode } from './tree.ts'

/** A name as a statement spells it; without a schema, where the search path decides. */
export interface Named {
  readonly schema: string | null
  readonly name: string
}

export interface Names {
  readonly relations: readonly Named[]
  readonly publications: readonly string[]
  readonly subscriptions: readonly string[]
}

/** Does `schema.name` mean the same as what a statement names? */
export const means = (named: Named, schema: string, name: string): boolean =>
  named.name === name && (named.schema === null || named.schema === schema)

export const asNamed = (node: TreeNode): Named => ({
  schema: text(node, 'schemaname'),
  name: text(node, 'relname') ?? '',
})

/** All that a statement names, wherever in it. */
export function namesIn(tree: TreeNode): Names {
  const relations: Named[] = []
  const publications: string[] = []
  const subscriptions: string[] = []
  for (const node of below(tree)) {
    if (text(node, 'relname') !== null) relations.push(asNamed(node))
    const publication = text(node, 'pubname')
    if (publication !== null) publications.push(publication)
    const subscription = text(node, 'subname')
    if (subscription !== null) subscriptions.push(subscription)
    const drop = child(node, 'DropStmt')
    if (drop === null) continue
    const dropped = list(drop, 'objects').map(partsOf)
    if (text(drop, 'removeType') === 'OBJECT_PUBLICATION') publications.push(...dropped.flat())
    else relations.push(...dropped.map((parts) => ({ schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '' })))
  }
  return { relations, publications, subscriptions }
}

/** The words of a dotted name in DROP: `List` of `String`, or one `String`. */
const partsOf = (object: unknown): readonly string[] => {
  const dotted = child(object, 'List')
  const parts = dotted === null ? [object] : list(dotted, 'items')
  return parts.map((part) => text(child(part, 'String'), 'sval') ?? '')
}

/** The name of one object in DROP. */
export function dottedName(object: unknown): Named {
  const parts = partsOf(object)
  return { schema: parts.at(-2) ?? null, name: parts.at(-1) ?? '' }
}

/** The table that a statement makes, null for any other statement. */
export function createdTable(tree: TreeNode): Named | null {
  const relation =
    child(child(tree, 'CreateStmt'), 'relation') ?? child(child(child(tree, 'CreateTableAsStmt'), 'into'), 'rel')
  return relation === null ? null : asNamed(relation)
}

/** An index lies in the schema of its table; null where the server chooses its name. */
export function indexName(statement: TreeNode | null): Named | null {
  const name = text(statement, 'idxname')
  const relation = child(statement, 'relation')
  return name === null ? null : { schema: relation === null ? null : asNamed(relation).schema, name }
}

/** `begin`, `commit`, `rollback` and their kin; null for any other statement. */
export function transactionWord(tree: TreeNode): string | null {
  const transaction = tree['TransactionStmt']
  if (!isNode(transaction)) return null
  return (text(transaction, 'kind') ?? 'TRANS_STMT_BEGIN').replace('TRANS_STMT_', '').toLowerCase()
}

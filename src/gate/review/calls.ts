import { below, child, list, text, type TreeNode } from '../change/tree.ts'

export interface Call {
  /** Without its schema. */
  readonly name: string
  /** Constants as text; null for anything else. */
  readonly args: readonly (string | null)[]
}

/** The functions that a `select` calls itself: what a body of another function would do, it does not do now. */
export function callsOf(tree: TreeNode): readonly Call[] {
  const select = child(tree, 'SelectStmt')
  if (select === null) return []
  return [...below(select)].flatMap((node) => {
    const call = child(node, 'FuncCall')
    const name = text(child(list(call, 'funcname').at(-1), 'String'), 'sval')
    return name === null ? [] : [{ name, args: list(call, 'args').map(constantOf) }]
  })
}

/** The text of a constant: `'x'`, `5`, `true`. */
export function constantOf(value: unknown): string | null {
  const cast = child(value, 'TypeCast')
  if (cast !== null) return constantOf(cast['arg'])
  const constant = child(value, 'A_Const')
  if (constant === null) return null
  const sval = child(constant, 'sval')
  if (sval !== null) return text(sval, 'sval') ?? ''
  const ival = child(constant, 'ival')
  if (ival !== null) return String(Number(ival['ival'] ?? 0))
  const fval = child(constant, 'fval')
  if (fval !== null) return text(fval, 'fval')
  const bool = child(constant, 'boolval')
  return bool === null ? null : String(bool['boolval'] === true)
}

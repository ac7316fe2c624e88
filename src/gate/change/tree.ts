/** A part of a parse tree. The parser's own types are a package of their own; what we read is told apart by name. */
export type TreeNode = Readonly<Record<string, unknown>>

export const isNode = (value: unknown): value is TreeNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The named child, where it is a node. */
export function child(node: unknown, name: string): TreeNode | null {
  const value = isNode(node) ? node[name] : undefined
  return isNode(value) ? value : null
}

export function text(node: unknown, name: string): string | null {
  const value = isNode(node) ? node[name] : undefined
  return typeof value === 'string' ? value : null
}

export function list(node: unknown, name: string): readonly unknown[] {
  const value = isNode(node) ? node[name] : undefined
  return Array.isArray(value) ? value : []
}

/** Every node below, each once, parents first. */
export function* below(value: unknown): Generator<TreeNode> {
  if (Array.isArray(value)) for (const item of value) yield* below(item)
  if (!isNode(value)) return
  yield value
  for (const part of Object.values(value)) if (typeof part === 'object') yield* below(part)
}

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

/** Every node below, each once, parents first. Without recursion: a sum of ten thousand terms is nested as deep. */
export function* below(value: unknown): Generator<TreeNode> {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (Array.isArray(next)) for (let n = next.length - 1; n >= 0; n -= 1) open.push(next[n])
    if (!isNode(next)) continue
    yield next
    const parts = Object.values(next)
    for (let n = parts.length - 1; n >= 0; n -= 1) if (typeof parts[n] === 'object') open.push(parts[n])
  }
}

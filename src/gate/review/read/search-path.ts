import { child, isNode, list, text, type TreeNode } from '../../change/tree.ts'
import { constantOf } from '../calls.ts'

/** The first schema of `set search_path`, by which names without one are found; null: the statement says nothing of it. */
export function pathSetBy(tree: TreeNode): string | null {
  const set = child(tree, 'VariableSetStmt')
  if (text(set, 'name') === 'search_path') {
    const [first] = list(set, 'args')
    return constantOf(first) ?? 'public'
  }
  const call = child(child(list(child(tree, 'SelectStmt'), 'targetList')[0], 'ResTarget'), 'val')
  const [setting, value] = list(child(call, 'FuncCall'), 'args').map(constantOf)
  const name = text(child(list(child(call, 'FuncCall'), 'funcname').at(-1), 'String'), 'sval')
  return name === 'set_config' && setting === 'search_path' ? ((value ?? '').split(',')[0]?.trim() ?? '') : null
}

/** The statement with that schema written to every table that has none; temporary ones have their own. */
export function underPath(tree: TreeNode, schema: string): TreeNode {
  if (schema === '' || schema === 'public' || schema.startsWith('"$')) return tree
  if (text(tree, 'removeType') === 'OBJECT_TABLE')
    return { ...tree, objects: list(tree, 'objects').map((object) => droppedUnder(object, schema)) }
  const own = typeof tree['relname'] === 'string' && tree['schemaname'] === undefined && tree['relpersistence'] !== 't'
  const under = Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, part(value, schema)]))
  return own ? { ...under, schemaname: schema } : under
}

/** In DROP a name is a list of words. */
function droppedUnder(object: unknown, schema: string): unknown {
  const words = list(child(object, 'List'), 'items')
  return words.length === 1 ? { List: { items: [{ String: { sval: schema } }, ...words] } } : object
}

function part(value: unknown, schema: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => part(item, schema))
  return isNode(value) ? underPath(value, schema) : value
}

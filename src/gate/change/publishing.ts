import { asNamed, means } from './relations.ts'
import { child, list, text, type TreeNode } from './tree.ts'

/** Whether the publication lists the table after this statement; null: the statement decides nothing about it. */
export function publishes(
  tree: TreeNode,
  publications: readonly string[],
  schema: string,
  table: string,
): boolean | null {
  const created = child(tree, 'CreatePublicationStmt')
  const altered = child(tree, 'AlterPublicationStmt')
  const statement = created ?? altered
  if (statement === null || !publications.includes(text(statement, 'pubname') ?? '')) return null
  const objects = list(statement, 'pubobjects').map((object) => child(object, 'PublicationObjSpec'))
  const isNamed = objects.some((object) => covers(object, schema, table))
  if (created !== null) return isNamed || created['for_all_tables'] === true
  switch (text(statement, 'action')) {
    case 'AP_SetObjects':
      return isNamed
    case 'AP_DropObjects':
      return isNamed ? false : null
    default:
      // SET (option = …) has this action, too, and names nothing.
      return isNamed ? true : null
  }
}

/** Whether partitions are published by the name of their root after this statement; null: it says nothing of that. */
export function publishesByRoot(tree: TreeNode, publications: readonly string[]): boolean | null {
  const statement = child(tree, 'CreatePublicationStmt') ?? child(tree, 'AlterPublicationStmt')
  if (statement === null || !publications.includes(text(statement, 'pubname') ?? '')) return null
  const option = list(statement, 'options')
    .map((each) => child(each, 'DefElem'))
    .find((each) => text(each, 'defname') === 'publish_via_partition_root')
  if (option === undefined) return null
  const arg = child(option, 'arg')
  const word = text(child(arg, 'String'), 'sval')
  // Named alone it is on.
  return arg === null || (word === null ? isOn(arg) : /^(?:t|true|on|y|yes|1)$/i.test(word))
}

const isOn = (arg: TreeNode): boolean =>
  child(arg, 'Boolean')?.['boolval'] === true || child(arg, 'Integer')?.['ival'] === 1

function covers(object: TreeNode | null, schema: string, table: string): boolean {
  switch (text(object, 'pubobjtype')) {
    case 'PUBLICATIONOBJ_TABLE': {
      const relation = child(child(object, 'pubtable'), 'relation')
      return relation !== null && means(asNamed(relation), schema, table)
    }
    case 'PUBLICATIONOBJ_TABLES_IN_SCHEMA':
      return text(object, 'name') === schema
    case 'PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA':
      return true
    default:
      return false
  }
}

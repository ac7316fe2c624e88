import type { Change } from '../core/change.ts'
import type { ChangeStatement } from './change/read-change.ts'
import { asNamed, means, namesIn, type Named } from './change/relations.ts'
import { below, child, text, type TreeNode } from './change/tree.ts'
import { settingOf } from './files/settings-of.ts'

/** Does one of these statements name what has changed? By its tree, and by the words of a body that it holds. Pure. */
export const isDeclared = (change: Change, statements: readonly ChangeStatement[]): boolean =>
  statements.some((statement) => declares(statement, change))

function declares({ kind, tree }: ChangeStatement, change: Change): boolean {
  // The file as a whole, and what a reload of it brings along.
  if (change.kind === 'access') return kind === 'AccessRules'
  const thing = change.object.slice(change.object.indexOf(':') + 1)
  if (settingOf(tree)?.name === thing) return true
  const [publication, table] = thing.split(/(?<=^publication [^:]+):/)
  // With its table goes its place in a publication, and with the publication all places.
  if (publication !== undefined && table !== undefined) return names(tree, publication) || names(tree, table)
  return names(tree, thing) || namesIndexOf(tree, change)
}

const kindWord = /^(?:role|database|publication|subscription|extension) /

/** All words of `public.users`, `role app search_path`, `public.stamp()`. */
export function names(tree: TreeNode, thing: string): boolean {
  const said = wordsIn(tree)
  const parts = thing
    .replace(/\(\)$/, '')
    .replace(kindWord, '')
    .replace(/ database /, ' ')
    .split(' ')
  return parts.every((part) => {
    const at = part.lastIndexOf('.')
    const [schema, name] = [part.slice(0, Math.max(0, at)), part.slice(at + 1)]
    const isRelation = said.relations.some((one) => (at < 0 ? one.name === name : means(one, schema, name)))
    return isRelation || said.words.has(part) || said.words.has(name) || said.bodies.some((body) => holds(body, name))
  })
}

interface Said {
  readonly relations: readonly Named[]
  /** Names of roles, settings, functions, extensions and the like. */
  readonly words: ReadonlySet<string>
  /** Of a function, of DO: whatever stands in there is meant. */
  readonly bodies: readonly string[]
}

function wordsIn(tree: TreeNode): Said {
  const { relations, publications, subscriptions } = namesIn(tree)
  const renamed = child(child(tree, 'RenameStmt'), 'relation')
  // A table has another name after it; with that of its schema before it.
  const newName = text(child(tree, 'RenameStmt'), 'newname')
  const words = new Set([...publications, ...subscriptions])
  const bodies: string[] = []
  const isOfRelations = droppedRelations.has(text(child(tree, 'DropStmt'), 'removeType') ?? '')
  for (const node of below(tree))
    for (const key of nameKeys) {
      const word = text(node, key)
      // The parts of a dotted name are no names of their own.
      if (word === null || (isOfRelations && key === 'sval')) continue
      if (/\s/.test(word)) bodies.push(word.toLowerCase())
      else words.add(word)
    }
  return {
    relations: [...relations, ...(renamed && newName !== null ? [{ ...asNamed(renamed), name: newName }] : [])],
    words,
    bodies,
  }
}

/** Under these keys a parse tree holds names of settings, roles, extensions, functions and the like. */
const nameKeys = ['name', 'role', 'rolename', 'extname', 'dbname', 'trigname', 'sval', 'schemaname', 'newname']

const droppedRelations = new Set([
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_INDEX',
  'OBJECT_SEQUENCE',
  'OBJECT_FOREIGN_TABLE',
])

const holds = (body: string, name: string): boolean =>
  new RegExp(String.raw`(?<![\w$])${name.toLowerCase().replaceAll(/[^\w]/g, String.raw`\$&`)}(?![\w$])`).test(body)

/** An index is dropped or renamed by its own name, and is a part of its table. */
function namesIndexOf(tree: TreeNode, { before, after }: Change): boolean {
  const isOfIndex =
    text(child(tree, 'DropStmt'), 'removeType') === 'OBJECT_INDEX' ||
    text(child(tree, 'RenameStmt'), 'renameType') === 'OBJECT_INDEX' ||
    text(child(tree, 'AlterTableStmt'), 'objtype') === 'OBJECT_INDEX'
  return (
    isOfIndex &&
    namesIn(tree).relations.some(({ name }) =>
      [before, after].some((words) => words !== null && holds(words.toLowerCase(), name)),
    )
  )
}

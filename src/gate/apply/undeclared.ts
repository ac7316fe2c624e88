import type { Change } from '../../core/change.ts'
import { AntemortemError } from '../../core/error.ts'
import { matchesGlob } from '../../core/glob.ts'
import { namesIn } from '../change/relations.ts'
import { below, child, text, type TreeNode } from '../change/tree.ts'
import type { Step } from '../run/targets.ts'

/** Words of `--allow`, and what they speak of. */
const kinds = {
  schema: ['schema'],
  settings: ['setting'],
  roles: ['role'],
  access: ['access'],
  connection: ['connection'],
  software: ['software'],
  replication: ['topology'],
} as const

const isKind = (word: string): word is keyof typeof kinds => Object.hasOwn(kinds, word)

/** `schema:public.users,settings:work_mem,…`: what else may change, with `*` for any text. A word that is none is refused. */
export function readAllow(given: readonly string[]): readonly string[] {
  const all = given
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '')
  const strange = all.find((text) => !isKind(text.split(':')[0] ?? ''))
  if (strange === undefined) return all
  throw new AntemortemError(
    'usage',
    `--allow ${strange.slice(0, 80)}: expected KIND or KIND:NAME`,
    `Kinds are: ${Object.keys(kinds).join(', ')}; for instance schema:public.users,settings:work_mem.`,
    { exit: 2 },
  )
}

/** Changes that neither a statement of the change names nor somebody has allowed. */
export const undeclaredOf = (
  changes: readonly Change[],
  steps: readonly Step[],
  allow: readonly string[],
): readonly Change[] => {
  const named = new Set(steps.flatMap(({ statement }) => [...wordsIn(statement.tree)]))
  const ruled = new Set(steps.flatMap(({ statement: { kind }, nodes }) => (kind === 'AccessRules' ? nodes : [])))
  return changes.filter(
    (change) => !isNamed(change, named) && !isRuled(change, ruled) && !allow.some((word) => allows(word, change)),
  )
}

/** A pg_hba.conf of the change declares every rule of its node. */
const isRuled = ({ kind, object }: Change, nodes: ReadonlySet<string>): boolean =>
  kind === 'access' && nodes.has(object.slice(0, object.indexOf(':')))

/** `schema.name`, or the bare name of what is no relation. */
function* wordsIn(tree: TreeNode): Iterable<string> {
  const { relations, publications, subscriptions } = namesIn(tree)
  for (const { schema, name } of relations) yield `${schema ?? 'public'}.${name}`
  for (const name of [...publications, ...subscriptions]) yield name
  // A table has another name after it.
  const rename = child(tree, 'RenameStmt')
  const renamed = child(rename, 'relation')
  if (renamed) yield `${text(renamed, 'schemaname') ?? 'public'}.${text(rename, 'newname') ?? ''}`
  for (const node of below(tree))
    for (const key of names) {
      const word = text(node, key)
      if (word !== null) yield word
    }
}

/** Under these keys a parse tree holds names of settings, roles, extensions, functions and the like. */
const names = ['name', 'role', 'rolename', 'extname', 'dbname', 'trigname', 'sval', 'schemaname', 'newname']

/** What stands behind the node: `public.users`, `publication p:public.users`, `role app work_mem`. */
const objectOf = ({ object }: Change): string => object.slice(object.indexOf(':') + 1)

function isNamed(change: Change, named: ReadonlySet<string>): boolean {
  const object = objectOf(change)
  const parts = object.split(/[ :]/)
  if (named.has(object) || parts.some((part) => named.has(part))) return true
  // A function is told with its parentheses and its schema.
  const name = object.replace(/\(\)$/, '')
  return named.has(name) || (change.object.endsWith('()') && named.has(name.slice(name.indexOf('.') + 1)))
}

function allows(word: string, change: Change): boolean {
  const [kind = '', ...rest] = word.split(':')
  if (!isKind(kind) || !kinds[kind].some((each) => each === change.kind)) return false
  return rest.length === 0 || matchesGlob(rest.join(':'), objectOf(change))
}

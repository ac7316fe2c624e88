import { subject } from '../../../../core/subject.ts'
import { asNamed } from '../../../change/relations.ts'
import { below, child, list, text, type TreeNode } from '../../../change/tree.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { basisOf, fresh, isOnPrimary, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { isSmall, rowsOf, sizeWords } from '../../size.ts'
import { alterationsOf, constraintsOf, madeBefore, resolved, tableOn, wordsOf, type TableName } from '../../tables.ts'
import { isTextType, needsNoRewrite, typeText } from '../../types.ts'

interface Rewriting {
  readonly table: TableName
  readonly words: string
  readonly isNotSent?: boolean
}

/** A table that is written anew is closed to everybody meanwhile, and all of it goes to every standby. */
export default defineReviewRule({
  id: 'locks/table-rewritten',
  consequence: 'contention/lock',
  severity: 'warning',
  question: 'Does every table stay as it lies on the disk?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { table, words, isNotSent } of isOnPrimary(input, statement) ? rewritesOf(input, statement) : []) {
        if (madeBefore(input, primaryOf(input), table, statement.n) !== undefined || isSmall(input, table)) continue
        const rows = rowsOf(input, table)
        // Measured: 12 to 13 MB for 105,000 rows of five columns.
        const wal = rows === null ? '' : `, about ${Math.max(1, Math.round((rows * 125) / 1024 ** 2))} MB of WAL`
        yield {
          object: subject.table(primaryOf(input), table.schema, table.name),
          nodes: [primaryOf(input)],
          message: `${words}: ${wordsOf(table)} is written anew while readers and writers wait, and goes to every standby whole; ${sizeWords(rows)}${wal}${isNotSent === true ? '. Subscribers do not receive the column' : ''}`,
          remedy: remedyFor(words),
          at: statement,
          basis: basisOf(input),
        }
      }
  },
})

const remedyFor = (words: string): string =>
  words.startsWith('vacuum') || words.startsWith('cluster')
    ? 'Use pg_repack, or a plain vacuum: it gives the space back to the table.'
    : 'Add the column without it, fill it in pieces, then set the default or change over.'

function rewritesOf(input: ReviewInput, statement: Placed): readonly Rewriting[] {
  const vacuum = child(statement.tree, 'VacuumStmt')
  const isFull = list(vacuum, 'options').some((each) => text(child(each, 'DefElem'), 'defname') === 'full')
  const relations = isFull ? list(vacuum, 'rels').map((each) => child(child(each, 'VacuumRelation'), 'relation')) : []
  const clustered = child(child(statement.tree, 'ClusterStmt'), 'relation')
  const whole = [...relations, clustered].flatMap((relation) =>
    relation === null ? [] : [{ table: resolved(input, asNamed(relation)), words: isFull ? 'vacuum full' : 'cluster' }],
  )
  return [...whole, ...alterationsOf(input, statement).flatMap((each) => byAlteration(input, each))]
}

function byAlteration(
  input: ReviewInput,
  { table, subtype, name, def }: ReturnType<typeof alterationsOf>[number],
): readonly Rewriting[] {
  const column = name ?? ''
  if (subtype === 'AT_SetLogged' || subtype === 'AT_SetUnLogged' || subtype === 'AT_SetAccessMethod')
    return [{ table, words: subtype === 'AT_SetLogged' ? 'set logged' : 'another way to store it' }]
  if (subtype === 'AT_AlterColumnType') {
    const to = typeText(def) ?? ''
    const from = tableOn(input, primaryOf(input), table)?.columns.find((one) => one.name === column)?.type
    const isKept = from === undefined ? isTextType(to) || to.startsWith('numeric') : needsNoRewrite(from, to)
    return isKept ? [] : [{ table, words: `${column} becomes ${to}` }]
  }
  if (subtype !== 'AT_AddColumn') return []
  const constraints = constraintsOf(def)
  const generated = constraints.find(({ contype }) => contype === 'CONSTR_GENERATED')
  if (generated !== undefined && text(generated, 'generated_kind') !== 'v')
    return [{ table, words: `column ${column} is generated and stored`, isNotSent: true }]
  const isSerial = /^(small|big)?serial/.test(typeText(def) ?? '')
  const isVolatile = constraints.some((each) => text(each, 'contype') === 'CONSTR_DEFAULT' && isEachAnother(each))
  const isIdentity = constraints.some(({ contype }) => contype === 'CONSTR_IDENTITY')
  return isSerial || isVolatile || isIdentity
    ? [{ table, words: `the default of column ${column} is another for each row` }]
    : []
}

const volatile = new Set(
  'gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v4 random clock_timestamp timeofday nextval'.split(' '),
)

const isEachAnother = (constraint: TreeNode): boolean =>
  [...below(constraint)].some((node) =>
    volatile.has(text(child(list(child(node, 'FuncCall'), 'funcname').at(-1), 'String'), 'sval') ?? ''),
  )

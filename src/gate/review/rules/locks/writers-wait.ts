import { subject } from '../../../../core/subject.ts'
import { asNamed } from '../../../change/relations.ts'
import { child, list, text } from '../../../change/tree.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { basisOf, fresh, isOnPrimary, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import { isSmall, rowsOf, sizeWords } from '../../size.ts'
import { alterationsOf, madeBefore, resolved, wordsOf, type TableName } from '../../tables.ts'

interface Waiting {
  readonly table: TableName
  readonly words: string
  readonly remedy: string
}

/** A statement that reads a whole table while writers wait stops the application for as long as that takes. */
export default defineReviewRule({
  id: 'locks/writers-wait',
  consequence: 'contention/lock',
  severity: 'warning',
  question: 'Can writers go on while the change reads whole tables?',
  *run(input) {
    for (const statement of fresh(input))
      for (const { table, words, remedy } of isOnPrimary(input, statement) ? waitingFor(input, statement) : []) {
        if (madeBefore(input, primaryOf(input), table, statement.n) !== undefined || isSmall(input, table)) continue
        yield {
          object: subject.table(primaryOf(input), table.schema, table.name),
          nodes: [primaryOf(input)],
          message: `${words} reads all of ${wordsOf(table)} while its writers wait; ${sizeWords(rowsOf(input, table))}`,
          remedy,
          at: statement,
          basis: basisOf(input),
        }
      }
  },
})

function waitingFor(input: ReviewInput, statement: Placed): readonly Waiting[] {
  const index = child(statement.tree, 'IndexStmt')
  const relation = child(index, 'relation')
  if (index !== null && relation !== null && index['concurrent'] !== true)
    return [
      {
        table: resolved(input, asNamed(relation)),
        words: 'the new index',
        remedy: 'Make it with create index concurrently, in a file of its own, outside a transaction.',
      },
    ]
  const reindex = child(statement.tree, 'ReindexStmt')
  const whole = text(reindex, 'kind') === 'REINDEX_OBJECT_TABLE' ? child(reindex, 'relation') : null
  const isConcurrent = list(reindex, 'params').some(
    (each) => text(child(each, 'DefElem'), 'defname') === 'concurrently',
  )
  if (whole !== null && !isConcurrent)
    return [{ table: resolved(input, asNamed(whole)), words: 'reindex', remedy: 'Say reindex table concurrently.' }]
  return alterationsOf(input, statement).flatMap(({ table, subtype, name, def }) => {
    if (subtype === 'AT_SetNotNull' && !isProven(input, statement, table))
      return [
        {
          table,
          words: `not null on ${name ?? ''}`,
          remedy: `Add check (${name ?? 'x'} is not null) not valid, validate it in a second step, then set not null: it is taken from there.`,
        },
      ]
    const constraint = subtype === 'AT_AddConstraint' ? child(def, 'Constraint') : null
    if (constraint === null || constraint['skip_validation'] === true || text(constraint, 'indexname') !== null)
      return []
    const words = kinds[text(constraint, 'contype') ?? '']
    return words === undefined ? [] : [{ table, ...words }]
  })
}

const kinds: Readonly<Record<string, Pick<Waiting, 'words' | 'remedy'>>> = {
  CONSTR_FOREIGN: {
    words: 'the new foreign key, with writers of the other table waiting, too,',
    remedy: 'Add it not valid, then validate constraint in a second step.',
  },
  CONSTR_CHECK: { words: 'the new check', remedy: 'Add it not valid, then validate constraint in a second step.' },
  CONSTR_UNIQUE: {
    words: 'the new unique constraint',
    remedy: 'Make its index with create unique index concurrently, then add constraint … unique using index.',
  },
  CONSTR_PRIMARY: {
    words: 'the new primary key',
    remedy: 'Make its index with create unique index concurrently, then add constraint … primary key using index.',
  },
}

/** A check that was validated before in the same change tells the server that there is no null. */
const isProven = (input: ReviewInput, { n }: Placed, table: TableName): boolean =>
  input.statements.some(
    (one) =>
      one.n < n &&
      alterationsOf(input, one).some(
        (each) => each.subtype === 'AT_ValidateConstraint' && wordsOf(each.table) === wordsOf(table),
      ),
  )

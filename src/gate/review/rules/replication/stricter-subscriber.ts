import { subject } from '../../../../core/subject.ts'
import { asNamed } from '../../../change/relations.ts'
import { child, list, text } from '../../../change/tree.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { fresh, isOnPrimary, primaryOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'
import type { TableName } from '../../tables.ts'
import { carriersOf } from '../../carriers.ts'
import { alterationsOf, constraintsOf, resolved, tableOn, wordsOf } from '../../tables.ts'

interface Stricter {
  readonly table: TableName
  readonly words: string
  readonly isCertain: boolean
}

/** A rule that only the subscriber has is broken some day by a row that the publisher took: then nothing arrives any more. */
export default defineReviewRule({
  id: 'replication/stricter-subscriber',
  consequence: 'replication/apply-conflict',
  severity: 'error',
  question: 'Does a subscriber take every row that the publisher takes?',
  *run(input) {
    const onPrimary = new Set(input.statements.filter((one) => isOnPrimary(input, one)).map(({ sql }) => sql))
    for (const statement of fresh(input)) {
      if (onPrimary.has(statement.sql)) continue
      for (const { table, words, isCertain } of strictnessOf(input, statement))
        for (const node of carriersOf(input, table))
          if (statement.nodes.includes(node))
            yield {
              object: subject.table(node, table.schema, table.name),
              nodes: [node],
              severity: isCertain ? 'error' : 'warning',
              message: `${wordsOf(table)} gets ${words} on ${node} and not on the publisher: the first row that breaks it stops the subscription, with all its tables`,
              remedy: 'Have the publisher keep the same rule first, or leave it out on the subscriber.',
              at: statement,
              basis: 'topology',
            }
    }
  },
})

function strictnessOf(input: ReviewInput, statement: Placed): readonly Stricter[] {
  const index = child(statement.tree, 'IndexStmt')
  const relation = child(index, 'relation')
  if (index !== null && relation !== null) {
    const table = resolved(input, asNamed(relation))
    const columns = list(index, 'indexParams').map((each) => text(child(each, 'IndexElem'), 'name') ?? '')
    const known = tableOn(input, primaryOf(input), table)?.indexes ?? []
    const isKnown = known.some((text) => text.startsWith('CREATE UNIQUE') && text.endsWith(`(${columns.join(', ')})`))
    return index['unique'] === true && !isKnown ? [{ table, words: 'a unique index', isCertain: true }] : []
  }
  return alterationsOf(input, statement).flatMap(({ table, subtype, name, def }): readonly Stricter[] => {
    const column = tableOn(input, primaryOf(input), table)?.columns.find((one) => one.name === name)
    const type = text(child(def, 'Constraint'), 'contype') ?? ''
    const own = constraintsOf(def).map(({ contype }) => contype)
    if (subtype === 'AT_SetNotNull' && column?.notNull !== true)
      return [{ table, words: `not null on ${name ?? ''}`, isCertain: true }]
    // Foreign keys are triggers, which replicated rows do not fire.
    if (
      subtype === 'AT_AddConstraint' &&
      ['CONSTR_CHECK', 'CONSTR_UNIQUE', 'CONSTR_EXCLUSION', 'CONSTR_PRIMARY'].includes(type)
    )
      return [{ table, words: `constraint ${name ?? ''}`.trim(), isCertain: true }]
    if (subtype === 'AT_AddColumn' && own.includes('CONSTR_NOTNULL') && !own.includes('CONSTR_DEFAULT'))
      return [{ table, words: `column ${name ?? ''} that must not be null and has no default`, isCertain: true }]
    if (subtype === 'AT_EnableRowSecurity')
      return [{ table, words: 'row security (harmless where a superuser owns the subscription)', isCertain: false }]
    return []
  })
}

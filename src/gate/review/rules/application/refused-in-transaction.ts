import { subject } from '../../../../core/subject.ts'
import { mannerOf } from '../../../apply/manner.ts'
import { transactionWord } from '../../../change/relations.ts'
import { child, list, text } from '../../../change/tree.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { fresh } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** A statement that refuses a transaction block ends the migration there, with what stands before it done or undone. */
export default defineReviewRule({
  id: 'application/refused-in-transaction',
  consequence: 'application/error',
  severity: 'error',
  question: 'Does nothing that refuses a transaction stand inside one?',
  *run(input) {
    const inside = transactions(input)
    const together = new Map<string, number>()
    for (const { file, inBlock } of input.statements) if (!inBlock) together.set(file, (together.get(file) ?? 0) + 1)
    for (const statement of fresh(input)) {
      const words = refusing(statement)
      if (words === null) continue
      const { file, inBlock } = statement
      const tool = (together.get(file) ?? 0) > 1 ? toolOf(file) : null
      const isInside = inBlock || inside.has(statement)
      if (!isInside && tool === null) continue
      yield {
        object: subject.file(file, words),
        nodes: statement.nodes,
        severity: isInside ? 'error' : 'warning',
        message: isInside
          ? `${words} refuses a transaction, and stands in ${inBlock ? 'a block, which is always in one' : 'one that this file begins'}: the migration fails here (25001)`
          : `${words} refuses a transaction, and ${tool ?? ''}: with other statements beside it the migration fails here (25001)`,
        remedy: 'Give it a migration of its own, with nothing else in it.',
        at: statement,
        basis: 'text',
      }
    }
  },
})

/** Statements between `begin` and the end of it. */
function transactions({ statements }: ReviewInput): ReadonlySet<Placed> {
  const inside = new Set<Placed>()
  let open: string | null = null
  for (const statement of statements) {
    const word = transactionWord(statement.tree)
    if (word === 'begin' || word === 'start') open = statement.file
    else if (word === 'commit' || word === 'rollback' || word === 'prepare') open = null
    else if (open === statement.file) inside.add(statement)
  }
  return inside
}

/** By the name of a file one knows who sends it, and how. */
function toolOf(file: string): string | null {
  const name = file.slice(file.lastIndexOf('/') + 1)
  if (name === 'migration.sql') return 'Prisma sends a migration as one'
  if (name.endsWith('.up.sql')) return 'golang-migrate and sqlx send a file as one'
  return /^[VR]\d*[\d._]*__.+\.sql$/.test(name) ? 'Flyway refuses to mix both in one file' : null
}

const words: Readonly<Record<string, string>> = {
  IndexStmt: 'create index concurrently',
  DropStmt: 'drop index concurrently',
  ReindexStmt: 'reindex',
  VacuumStmt: 'vacuum',
  ClusterStmt: 'cluster',
  AlterSystemStmt: 'alter system',
  CreatedbStmt: 'create database',
  DropdbStmt: 'drop database',
  CreateTableSpaceStmt: 'create tablespace',
  DropTableSpaceStmt: 'drop tablespace',
  AlterTableStmt: 'detach partition concurrently',
}

/** What the statement is called, where it always refuses. Some forms of subscriptions do and others do not. */
function refusing({ tree, kind }: Placed): string | null {
  if (kind === 'CreateSubscriptionStmt' || kind === 'AlterSubscriptionStmt') {
    const statement = child(tree, kind)
    const options = list(statement, 'options').map((each) => text(child(each, 'DefElem'), 'defname'))
    const isRefresh = text(statement, 'kind') === 'ALTER_SUBSCRIPTION_REFRESH'
    if (kind === 'CreateSubscriptionStmt' && options.length === 0) return 'create subscription'
    return isRefresh && options.length === 0 ? 'alter subscription … refresh publication' : null
  }
  return mannerOf(tree).isAlone ? (words[kind] ?? null) : null
}

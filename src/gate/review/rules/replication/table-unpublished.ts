import { subject } from '../../../../core/subject.ts'
import { primaryOf } from '../../nodes.ts'
import { addedUntold, newTables, type AddedTable } from '../../new-tables.ts'
import { defineReviewRule, type ReviewDraft } from '../../rule.ts'
import { wordsOf } from '../../tables.ts'

/** A new table that nobody adds to the publication, or of which no subscription was told, stays empty elsewhere, in silence. */
export default defineReviewRule({
  id: 'replication/table-unpublished',
  consequence: 'replication/publication-incomplete',
  severity: 'error',
  question: 'Is every new table that subscribers should have published, and do their subscriptions know it?',
  *run(input) {
    for (const { table, node, publication, subscription, statement } of addedUntold(input))
      yield untold(primaryOf(input), { table, node, publication, subscription, statement })
    for (const {
      table,
      node,
      publication,
      subscription,
      statement,
      isSent,
      isThere,
      isRefreshed,
      isMeant,
    } of newTables(input)) {
      const primary = primaryOf(input)
      const base = {
        object: subject.publicationTable(primary, publication, table.schema, table.name),
        nodes: [node],
        at: statement,
        basis: 'topology',
      } as const
      if (isSent && isThere && !isRefreshed)
        yield untold(primary, { table, node, publication, subscription, statement })
      if (!isSent && isMeant)
        yield {
          ...base,
          message: `${wordsOf(table)} is in no publication that ${node} subscribes to, which receives every other table of ${table.schema}: its rows never arrive there, and every view stays green`,
          remedy: `Write the change as:\n-- antemortem:on ${node}\n${statement.sql};\n-- antemortem:on ${primary}\n${statement.sql};\nalter publication ${publication} add table ${wordsOf(table)};\n-- antemortem:on ${node}\nalter subscription ${subscription} refresh publication;`,
        }
    }
  },
})

const untold = (primary: string, { table, node, publication, subscription, statement }: AddedTable): ReviewDraft => ({
  object: subject.publicationTable(primary, publication, table.schema, table.name),
  nodes: [node],
  message: `${wordsOf(table)} is published, and subscription ${subscription} is not told: its rows never arrive on ${node}, and every view stays green`,
  remedy: `Add at the end:\n-- antemortem:on ${node}\nalter subscription ${subscription} refresh publication;`,
  at: statement,
  basis: 'topology',
})

import type { Carriage } from '../../../core/carriage.ts'
import { carriage } from '../../../core/carriage.ts'
import type { TableFact } from '../../../core/facts/postgres/schema.ts'
import { subject } from '../../../core/subject.ts'
import type { Described } from '../../described.ts'
import { describedOf, followersOf, publishesRoots, tableIn } from '../../described.ts'
import type { Rehearsal } from '../../rehearsal.ts'
import { correctedFile } from '../../remedy.ts'
import { defineRule } from '../../rule.ts'

/** A table that the primary has after the change and a subscriber will never receive stays as it is there, in silence. */
export default defineRule({
  id: 'replication/table-not-carried',
  consequence: 'replication/publication-incomplete',
  severity: 'error',
  question: 'Is every table that the change makes or touches carried whole to the subscribers that should have it?',
  *run(rehearsal) {
    const { primary, before, after, serving } = rehearsal
    const [was, is] = [describedOf(before, primary), describedOf(after, primary)]
    if (!was || !is) return
    for (const { name: node } of followersOf(after, 'subscriber')) {
      const [thereBefore, there] = [describedOf(before, node), describedOf(after, node)]
      if (!thereBefore || !there) continue
      for (const table of candidates(is)) {
        const now = carriage(is.publications, there.subscriptions, table.schema, table.name)
        if (now.gap === null || now.gap === 'not-ready') continue
        const isThere = tableIn(there, table.schema, table.name) !== undefined
        if (!isThere && !(serving.has(node) && carriesAny(was, thereBefore, table))) continue
        const gapBefore = gapOf(was, thereBefore, table)
        // It was so before: not this change's fault.
        if (gapBefore !== 'absent' && gapBefore !== null && weight[now.gap] <= weight[gapBefore]) continue
        const isWorse = gapBefore === null || serving.has(node) || carriesRest(was, thereBefore, table)
        const publication = publicationFor(now, thereBefore)
        const name = `${table.schema}.${table.name}`
        yield {
          object: subject.publicationTable(primary, publication, table.schema, table.name),
          nodes: [node],
          severity: isWorse ? 'error' : 'warning',
          message: `${name} is on ${primary}${isThere ? ` and on ${node}` : ''} after the change, and does not arrive whole on ${node}${serving.has(node) ? ', which serves reads' : ''}: ${now.publications.length === 0 ? `publication ${publication} is not there` : now.detail}`,
          remedy: remedyFor(rehearsal, { node, publication, table, now, isNew: gapBefore === 'absent', there }),
          about: [name],
        }
      }
    }
  },
})

/** How much of a table a gap takes away: a change that makes it smaller is no fault. */
const weight = {
  'not-ready': 0,
  'column-list': 1,
  operations: 1,
  'row-filter': 1,
  'not-refreshed': 2,
  'not-in-publication': 3,
} as const

const candidates = (publisher: Described): readonly TableFact[] => {
  const roots = publishesRoots(publisher)
  return publisher.tables.filter(
    ({ kind, unlogged, isPartition }) => kind === 'table' && !unlogged && !(isPartition && roots),
  )
}

const gapOf = (was: Described, there: Described, { schema, name }: TableFact): Carriage['gap'] | 'absent' =>
  tableIn(was, schema, name) ? carriage(was.publications, there.subscriptions, schema, name).gap : 'absent'

/** A node that gets nothing of a schema does not serve it: a new table there is not meant for it. */
const carriesAny = (was: Described, there: Described, { schema }: TableFact): boolean =>
  candidates(was).some(
    (other) =>
      other.schema === schema && carriage(was.publications, there.subscriptions, schema, other.name).gap === null,
  )

/** Whoever carries every other table of a schema means to carry this one, too. */
function carriesRest(was: Described, there: Described, { schema, name }: TableFact): boolean {
  const others = candidates(was).filter((table) => table.schema === schema && table.name !== name)
  return (
    others.length > 0 &&
    others.every((other) => carriage(was.publications, there.subscriptions, schema, other.name).gap === null)
  )
}

/** A dropped publication is still the one that is missing. */
const publicationFor = (now: Carriage, thereBefore: Described): string =>
  now.publications[0] ?? thereBefore.subscriptions.flatMap(({ publications }) => publications)[0] ?? '(none)'

interface Gap {
  readonly node: string
  readonly publication: string
  readonly table: TableFact
  readonly now: Carriage
  readonly isNew: boolean
  readonly there: Described
}

function remedyFor(rehearsal: Rehearsal, { node, publication, table, now, isNew, there }: Gap): string {
  const subscription = now.subscription ?? there.subscriptions[0]?.name ?? 'SUBSCRIPTION'
  if (isNew)
    return correctedFile(rehearsal, {
      node,
      publication,
      publications: now.publications,
      isListed: now.gap !== 'not-in-publication',
      subscription,
      schema: table.schema,
      table: table.name,
    })
  if (now.gap === 'not-refreshed')
    return `Add to the change:\n-- antemortem:on ${node}\nalter subscription ${subscription} refresh publication;`
  return `Leave out the statement that takes ${table.schema}.${table.name} out of publication ${publication}, in whole or in part: rows that ${node} misses meanwhile do not come back by themselves.`
}

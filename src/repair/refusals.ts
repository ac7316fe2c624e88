import type { Case } from '../core/diagnosis.ts'
import type { PostgresFacts } from '../core/facts/postgres/index.ts'
import type { Refusal } from '../core/plan.ts'
import { shown, shownTable } from './names.ts'
import type { PublishTable } from './plan.ts'

/** What speaks against the plan already while it is made. Its steps look again, at the servers as they are then. */
export function refusalsOf(what: PublishTable, c: Case, mustPublish: boolean): readonly Refusal[] {
  return [...rows(what, c), ...(mustPublish ? [...publication(what, c), ...identity(what, c)] : [])]
}

/** The first copy inserts: rows that are there already would stop it, and whose they are a program cannot know. */
function rows(what: PublishTable, c: Case): readonly Refusal[] {
  const { touched } = c.snapshot.facts
  const compared = touched.seen ? touched.value.find((fact) => isOf(what, fact)) : undefined
  const count = compared?.nodeRows ?? null
  if (count === 0) return []
  const why =
    count === null
      ? `nobody has counted the rows of ${shownTable(what)} on ${what.subscriber}`
      : `${shownTable(what)} has ${count} ${count === 1 ? 'row' : 'rows'} on ${what.subscriber}: the first copy would fail, or double rows`
  const id = count === null ? 'rows-unknown' : 'rows-in-the-way'
  return [{ id, why, evidence: { node: what.subscriber, rows: count } }]
}

const isOf = (
  what: PublishTable,
  fact: { readonly node: string; readonly source: string; readonly schema: string; readonly table: string },
): boolean =>
  fact.node === what.subscriber &&
  fact.source === what.publisher &&
  fact.schema === what.schema &&
  fact.table === what.table

function publication(what: PublishTable, c: Case): readonly Refusal[] {
  const known = factOf(c, what.publisher, 'publications')
  if (!known) return []
  const found = known.find(({ name }) => name === what.publication)
  const name = `publication ${shown(what.publication)}`
  if (!found)
    return [
      {
        id: 'publication-unknown',
        why: `${what.publisher} has no ${name}`,
        evidence: { node: what.publisher, publication: what.publication },
      },
    ]
  const { insert, update, delete: remove } = found.publishes
  return insert && update && remove
    ? []
    : [
        {
          id: 'publishes-part',
          why: `${name} does not carry every operation: what it leaves out would be missing on ${what.subscriber}`,
          evidence: { node: what.publisher, publication: what.publication, insert, update, delete: remove },
        },
      ]
}

/** Published without a replica identity, a table refuses updates and deletes from that moment on. */
function identity(what: PublishTable, c: Case): readonly Refusal[] {
  const table = factOf(c, what.publisher, 'tables')?.find(
    ({ schema, name }) => schema === what.schema && name === what.table,
  )
  if (!table) return []
  const { replicaIdentity, primaryKey } = table
  if (replicaIdentity === 'f' || replicaIdentity === 'i' || (replicaIdentity === 'd' && primaryKey.length > 0))
    return []
  return [noIdentity(what, { node: what.publisher, relreplident: replicaIdentity })]
}

export const noIdentity = (what: PublishTable, evidence: Refusal['evidence']): Refusal => ({
  id: 'no-replica-identity',
  why: `${shownTable(what)} has no replica identity: once published, ${what.publisher} would refuse its updates and deletes`,
  evidence,
})

export function factOf<K extends keyof PostgresFacts>(c: Case, node: string, key: K): PostgresFacts[K] | null {
  const fact = c.snapshot.nodes.find(({ name }) => name === node)?.facts[key]
  return fact?.seen ? fact.value : null
}

import { columnDifferences, stopsApply, type ColumnDifference } from '../../../core/columns.ts'
import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { ContractFact, TouchedFact } from '../../../core/facts/cluster.ts'
import { subject } from '../../../core/subject.ts'
import { applyFails } from '../../apply.ts'
import { codesOfDifference, mayComeFromRows } from '../../codes.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { contractHarm, isAboutRows, outcomeHarm, staleHarm } from '../../harm.ts'
import { factOf, logicalPairs, type LogicalPair } from '../../look.ts'
import { aboutColumns, newsOf } from '../../news.ts'

interface Drift {
  readonly schema: string
  readonly table: string
  readonly found: readonly ColumnDifference[]
}

/** Published tables with differences at which apply stops. A type that holds every value is none. */
export function differences({ publisher, subscriber }: LogicalPair): readonly Drift[] {
  const names = new Set((factOf(subscriber, 'subscriptions') ?? []).flatMap(({ publications }) => publications))
  const [there, here] = [factOf(publisher, 'tables'), factOf(subscriber, 'tables')]
  if (!there || !here) return []
  const published = (factOf(publisher, 'publications') ?? [])
    .filter(({ name }) => names.has(name))
    .flatMap(({ tables }) => tables)
  const drifts = published.flatMap((entry) => {
    const isEntry = (table: { schema: string; name: string }): boolean =>
      table.schema === entry.schema && table.name === entry.name
    const source = there.find(isEntry)
    const found = source ? columnDifferences(source, here.find(isEntry), entry.columns).filter(stopsApply) : []
    return found.length > 0 ? [{ schema: entry.schema, table: entry.name, found }] : []
  })
  // In two publications a table is listed twice.
  return drifts.filter(
    ({ schema, table }, at) => drifts.findIndex((other) => other.schema === schema && other.table === table) === at,
  )
}

/** Publisher and subscriber have different columns for a table that is carried, and apply or the application fails on it. */
const cause: Cause = {
  id: 'replication/schema-drift',
  taxonomy: 'schema-drift',
  title: 'publisher and subscriber have different columns for a published table',
  follows: [],
  *recognise(c) {
    for (const pair of logicalPairs(c)) {
      const failing = applyFails(c, pair)
      for (const drift of differences(pair)) yield matchOf(c, pair, drift, failing)
    }
  },
}
export default cause

function matchOf(c: Case, pair: LogicalPair, { schema, table, found }: Drift, failing: readonly Evidence[]): Match {
  const node = pair.subscriber.name
  const name = `${schema}.${table}`
  const objects = [subject.table(pair.publisher.name, schema, table), subject.table(node, schema, table)]
  // Where apply stops, every table of the subscription grows old; where it goes on, only a statement meets the column.
  const news = newsOf(c, objects, aboutColumns(found.map(({ column }) => column)))
  const isMeant = ({ source }: TouchedFact): boolean => source === pair.publisher.name
  const stale = failing.length > 0 ? staleHarm(c, node, { isMeant, news }) : []
  const stops = stale.length > 0
  const codes = new Set(found.flatMap(({ kind }): readonly string[] => codesOfDifference[kind]))
  const isMet = (result: ContractFact): boolean => result.layer === 'query' && namesDifference(result, codes, found)
  return {
    subject: subject.table(node, schema, table),
    direct: found.map(({ words }) => ({
      words: `${name} on ${node}: ${words}`,
      node,
      source: 'pg_attribute on both nodes',
      values: { table: name },
    })),
    indirect: failing,
    harm: [...stale, ...outcomeHarm(c, node, (code) => codes.has(code)), ...contractHarm(c, node, isMet)],
    isNew: news.length > 0,
    explains: [
      ...outcomeEffects(c, node, (code) => codes.has(code) || (stops && mayComeFromRows(code))),
      ...contractEffects(c, node, (result) => isMet(result) || (stops && isAboutRows(result))),
      ...findingsOf(c, 'replication/schema-parity', node),
      ...(failing.length > 0
        ? ['replication/subscription-errors', 'replication/subscription-down', 'replication/row-consistency'].flatMap(
            (check) => findingsOf(c, check, node),
          )
        : []),
    ],
    objects,
    remedy: {
      words: `Bring the columns of ${name} on ${node} to what the publisher has; apply then goes on by itself.`,
      commands: found.some(({ kind }) => kind === 'absent')
        ? [`on ${node}: create table ${name} (…); with the columns of ${pair.publisher.name}`]
        : [`on ${node}: alter table ${name} …;`],
    },
  }
}

/** `column "algo" does not exist`: in every language the server writes the name. */
function namesDifference(
  { code, message }: ContractFact,
  codes: ReadonlySet<string>,
  found: readonly ColumnDifference[],
): boolean {
  if (code === null || !codes.has(code)) return false
  if (code !== '42703' || message === null) return true
  return found.some(({ column }) => column !== null && message.includes(column))
}

import { columnDifferences, stopsApply, type ColumnDifference } from '../../../core/columns.ts'
import type { TableFact } from '../../../core/facts/postgres/schema.ts'
import type { Case, Cause, Evidence, Match } from '../../../core/diagnosis.ts'
import type { ContractFact, TouchedFact } from '../../../core/facts/cluster.ts'
import { subject } from '../../../core/subject.ts'
import { applyFails } from '../../apply.ts'
import { applyErrors, type ApplyError } from '../../apply-log.ts'
import { codesOfDifference, mayComeFromRows } from '../../codes.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { contractHarm, isAboutRows, outcomeHarm, staleHarm } from '../../harm.ts'
import { entryEvidence } from '../../log-errors.ts'
import { factOf, logicalPairs, type LogicalPair } from '../../look.ts'
import { aboutColumns, aboutConstraints, newsOf, type IsAbout } from '../../news.ts'

export interface Drift {
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

/** What a subscriber's table refuses on top of what the publisher's does: checks and unique indexes of its own. */
export function ownConstraints(
  { publisher, subscriber }: LogicalPair,
  schema: string,
  name: string,
): readonly string[] {
  const [there, here] = [publisher, subscriber].map((node) =>
    factOf(node, 'tables')?.find((table) => table.schema === schema && table.name === name),
  )
  return there && here
    ? refusalsOf(here).filter((one) => !refusalsOf(there).some((other) => partOf(other) === partOf(one)))
    : []
}

const refusalsOf = ({ constraints, indexes }: TableFact): readonly string[] => [
  ...constraints.filter((definition) => definition.startsWith('CHECK')),
  ...indexes.filter((definition) => definition.startsWith('CREATE UNIQUE INDEX')),
]

/** Of an index what it is over: its name may be another. */
const partOf = (definition: string): string => definition.replace(/^CREATE UNIQUE INDEX .*? USING/, 'unique')

/** The log says that apply fails on a constraint which only the subscriber has. */
export function isOwnConstraint(pair: LogicalPair, { code, schema, table, constraint }: ApplyError): boolean {
  if (schema === null || table === null) return false
  const own = ownConstraints(pair, schema, table)
  if (code === '23514') return own.some((definition) => definition.startsWith('CHECK'))
  return code === '23505' && own.some((definition) => constraint !== null && definition.includes(` ${constraint} ON `))
}

/** Drifts that only the log shows: a constraint that no row has met yet is nobody's outage. */
function refused(c: Case, pair: LogicalPair): readonly Drift[] {
  const errors = applyErrors(c, pair.subscriber.name).filter((error) => isOwnConstraint(pair, error))
  return [...Map.groupBy(errors, ({ schema, table }) => `${schema}.${table}`).values()].flatMap(([error]) => {
    if (error?.schema == null || error.table === null) return []
    const { schema, table, code } = error
    const found = ownConstraints(pair, schema, table)
      .filter((definition) => definition.startsWith('CHECK') === (code === '23514'))
      .map((definition): ColumnDifference => ({ kind: 'constraint', column: null, words: `only here: ${definition}` }))
    return [{ schema, table, found }]
  })
}

/** A failing worker tries again every five seconds. */
const triedAgainMs = 15_000

/** Does apply fail on this difference? A row that is there already stands in its way whatever the columns are. */
export const isOfDrift = (pair: LogicalPair, { schema, table }: Drift, error: ApplyError): boolean =>
  error.schema === schema && error.table === table && (error.code !== '23505' || isOwnConstraint(pair, error))

/** Publisher and subscriber have different columns for a table that is carried, and apply or the application fails on it. */
const cause: Cause = {
  id: 'replication/schema-drift',
  taxonomy: 'schema-drift',
  title: 'publisher and subscriber have different columns for a published table',
  follows: [],
  *recognise(c) {
    for (const pair of logicalPairs(c)) {
      const failing = applyFails(c, pair)
      for (const drift of [...differences(pair), ...refused(c, pair)]) yield matchOf(c, pair, drift, failing)
    }
  },
}
export default cause

function matchOf(c: Case, pair: LogicalPair, { schema, table, found }: Drift, failing: readonly Evidence[]): Match {
  const node = pair.subscriber.name
  const name = `${schema}.${table}`
  const objects = [subject.table(pair.publisher.name, schema, table), subject.table(node, schema, table)]
  // Where apply stops, every table of the subscription grows old; where it goes on, only a statement meets the column.
  const isColumn = aboutColumns(found.flatMap(({ column, kind }) => (kind === 'constraint' ? [] : [column])))
  const isAbout: IsAbout = found.some(({ kind }) => kind === 'constraint') ? aboutConstraints : isColumn
  const news = newsOf(c, objects, isAbout)
  const said = applyErrors(c, node).filter((error) => isOfDrift(pair, { schema, table, found }, error))
  const isMeant = ({ source }: TouchedFact): boolean => source === pair.publisher.name
  // The log says that apply fails on something else: then this difference is not why.
  const isOther = said.length === 0 && applyErrors(c, node, triedAgainMs).length > 0
  const stale = failing.length > 0 && !isOther ? staleHarm(c, node, { isMeant, news }) : []
  const stops = stale.length > 0
  const codes = new Set(found.flatMap(({ kind }): readonly string[] => codesOfDifference[kind]))
  const isMet = (result: ContractFact): boolean => result.layer === 'query' && namesDifference(result, codes, found)
  return {
    subject: subject.table(node, schema, table),
    direct: [
      ...found.map(({ words, kind }) => ({
        words: `${name} on ${node}: ${words}`,
        node,
        source: kind === 'constraint' ? 'pg_constraint, pg_index on both nodes' : 'pg_attribute on both nodes',
        values: { table: name },
      })),
      ...said.map(({ entry }) => entryEvidence(entry)),
    ],
    indirect: isOther ? [] : failing,
    harm: [...stale, ...outcomeHarm(c, node, (code) => codes.has(code)), ...contractHarm(c, node, isMet)],
    isNew: news.length > 0,
    explains: [
      ...outcomeEffects(c, node, (code) => codes.has(code) || (stops && mayComeFromRows(code))),
      ...contractEffects(c, node, (result) => isMet(result) || (stops && isAboutRows(result))),
      ...findingsOf(c, 'replication/schema-parity', node),
      ...(failing.length > 0 && !isOther
        ? ['replication/subscription-errors', 'replication/subscription-down', 'replication/row-consistency'].flatMap(
            (check) => findingsOf(c, check, node),
          )
        : []),
    ],
    objects,
    isTrigger: isAbout,
    remedy: {
      words: `Bring ${name} on ${node} to what the publisher has; apply then goes on by itself.`,
      commands: found.some(({ kind }) => kind === 'absent')
        ? [`on ${node}: create table ${name} (…); with the columns of ${pair.publisher.name}`]
        : found.some(({ kind }) => kind === 'constraint')
          ? [`on ${node}: alter table ${name} drop constraint …; or drop index …;`]
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

import { carriage } from '../core/carriage.ts'
import type { Change } from '../core/change.ts'
import type { TouchedFact, TouchedVerdict } from '../core/facts/cluster.ts'
import type { NodeView } from '../core/snapshot.ts'

/** How long a table stays under comparison after a change touched it. */
export const touchedForMs = 900_000
/** A migration of a thousand tables must not become a load of its own. */
const mostTables = 64

export interface TouchedTable {
  readonly schema: string
  readonly table: string
  readonly untilMs: number
}

const tableObject = /^[^:]+:(?:publication [^:]+:)?([^.:\s]+)\.([^:]+)$/
const wholeObject = /^([^:]+):(publication|subscription) ([^:]+)$/

/** Tables that these changes touch, by the form of their objects; a publication or subscription touches all that it carries. */
export function touchedBy(changes: readonly Change[], nodes: readonly NodeView[]): readonly TouchedTable[] {
  return changes.flatMap((change) => {
    if (change.kind !== 'schema' && change.kind !== 'topology') return []
    const untilMs = change.atMs + touchedForMs
    const one = tableObject.exec(change.object)
    if (one?.[1] && one[2]) return [{ schema: one[1], table: one[2], untilMs }]
    const whole = wholeObject.exec(change.object)
    const node = nodes.find(({ name }) => name === whole?.[1])
    if (!whole || !node) return []
    return tablesOf(node, whole[2] === 'publication', whole[3] ?? '').map(({ schema, name }) => ({
      schema,
      table: name,
      untilMs,
    }))
  })
}

function tablesOf(node: NodeView, isPublication: boolean, name: string): readonly { schema: string; name: string }[] {
  const fact = isPublication ? node.facts.publications : node.facts.subscriptions
  return fact.seen ? (fact.value.find((entry) => entry.name === name)?.tables ?? []) : []
}

/** Adds, keeps the later end of two, drops what is over. */
export function mergeTouched(
  before: readonly TouchedTable[],
  added: readonly TouchedTable[],
  atMs: number,
): readonly TouchedTable[] {
  const tables = new Map<string, TouchedTable>()
  for (const entry of [...before, ...added]) {
    const key = `${entry.schema}.${entry.table}`
    const known = tables.get(key)
    if (entry.untilMs > atMs && (!known || entry.untilMs > known.untilMs)) tables.set(key, entry)
  }
  return [...tables.values()].slice(-mostTables)
}

export interface Comparison {
  readonly schema: string
  readonly table: string
  readonly source: string
  readonly node: string
}

export const comparisonKey = ({ schema, table, node }: Pick<Comparison, 'schema' | 'table' | 'node'>): string =>
  `${node}\n${schema}.${table}`

/** The comparisons that these tables ask for: every node that follows another one, and serves reads where that is declared. */
export function comparisonsOf(
  touched: readonly TouchedTable[],
  nodes: readonly NodeView[],
  serving: ReadonlySet<string> | null,
): readonly Comparison[] {
  return nodes.flatMap((node) => {
    const source = nodes.find(({ name }) => name === node.upstream)
    if (!source || node.role === 'primary' || (serving && !serving.has(node.name))) return []
    return touched
      .filter(({ schema, table }) => has(source, schema, table) && has(node, schema, table, source))
      .map(({ schema, table }) => ({ schema, table, source: source.name, node: node.name }))
  })
}

/** A standby has the tables of its primary; its own catalog is read as rarely as it moves. */
function has(node: NodeView, schema: string, table: string, source?: NodeView): boolean {
  const fact = node.role === 'standby' && source ? source.facts.tables : node.facts.tables
  return (
    fact.seen && fact.value.some((entry) => entry.schema === schema && entry.name === table && entry.kind === 'table')
  )
}

/** Equal tables are asked again after this many times what asking took, at least a second, and after twice as long each time. */
const calmFactor = 100
/** Comparing what may be wrong takes at most this share of its table's time. */
const duty = 0.05

/** When is this comparison due again? `hurts`: the application fails on the node, or a difference was seen just now. */
export function nextComparisonMs(last: TouchedFact, tookMs: number, hurts: boolean): number {
  const restless: readonly TouchedVerdict[] = ['different', 'lagging', 'unverifiable']
  const isRestless = restless.includes(last.verdict)
  if (!hurts && !isRestless) return last.atMs + Math.max(1_000, tookMs * calmFactor) * 2 ** (last.times - 1)
  return last.atMs + Math.max(hurts || last.times < 30 ? 400 : 5_000, tookMs / duty)
}

/** Tables that could be wrong on a node: first those that both sides have and nothing carries, then the rest, small ones first. */
export function suspectTables(nodes: readonly NodeView[], name: string, atMs: number): readonly TouchedTable[] {
  const node = nodes.find((each) => each.name === name)
  const source = nodes.find((each) => each.name === node?.upstream)
  if (!node || !source?.facts.tables.seen) return []
  const { publications } = source.facts
  const { subscriptions } = node.facts
  const isCarried = (schema: string, table: string): boolean =>
    node.role === 'standby' ||
    !publications.seen ||
    !subscriptions.seen ||
    carriage(publications.value, subscriptions.value, schema, table).gap === null
  return source.facts.tables.value
    .filter(({ kind, unlogged }) => kind === 'table' && !unlogged)
    .map((table) => ({ table, carried: isCarried(table.schema, table.name) }))
    .sort((a, b) => Number(a.carried) - Number(b.carried) || a.table.rowsEstimated - b.table.rowsEstimated)
    .slice(0, mostTables)
    .map(({ table }) => ({ schema: table.schema, table: table.name, untilMs: atMs + touchedForMs }))
}

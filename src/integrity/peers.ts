import type { Unchecked } from '../core/finding.ts'
import { unseen } from '../core/observation.ts'
import { subject } from '../core/subject.ts'
import { readBlocks, type Blocks } from '../engines/postgres/integrity/heap-check.ts'
import { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import { ReadFailed, type NodeReader } from '../engines/postgres/rows/node-reader.ts'
import { compareTable } from '../rows/compare-table.ts'
import type { NodeLook, PeerLook, StillThere, TableLook } from './looks.ts'
import type { Sweep } from './node.ts'

const limits = {
  listed: { default: 10, unit: 'keys', why: 'enough to look by hand; all of them has antemortem verify' },
  fenceMs: { default: 30_000, unit: 'ms', why: 'a standby that is further behind is told as lagging' },
} as const

interface Comparing {
  readonly passiveFence: boolean
  readonly signal: AbortSignal
}

interface Compared {
  readonly look: PeerLook | null
  readonly blind: Unchecked | null
}

/** One table, for somebody who has sessions of his own; `load` is the share of the time in which a statement may run. */
export const compareWithStandby = async (
  primary: NodeReader,
  standby: NodeReader,
  table: { readonly schema: string; readonly table: string },
  { load, ...how }: Comparing & { readonly load: number },
): Promise<Compared> => compareTables(new PacedNode(primary, load), new PacedNode(standby, load), table, how)

/** Compares every row of a table with a physical copy: lost writes, zeroed pages and cut files show in nothing else. */
export async function compareTables(
  primary: PacedNode,
  standby: PacedNode,
  table: { readonly schema: string; readonly table: string },
  { passiveFence, signal }: Comparing,
): Promise<Compared> {
  const keys: Record<'missing' | 'extra' | 'changed', string[]> = { missing: [], extra: [], changed: [] }
  let rows = 0
  let more = false
  let corrupt: string | null = null
  let stop: { readonly verdict: string; readonly detail: string; readonly remedy: string } | null = null
  const scope = { ...table, columns: null, rowFilter: null }
  const budget = { passiveFence, fenceMs: limits.fenceMs.default }
  for await (const chunk of compareTable(
    { source: primary, target: standby, follows: { kind: 'physical' } },
    scope,
    budget,
    signal,
  )) {
    rows += chunk.rows
    for (const { key, kind } of chunk.differing) keys[kind].push(key.join(', '))
    more ||= chunk.more
    if (chunk.verdict === 'corrupt') corrupt ??= chunk.detail ?? 'a page that cannot be read'
    else if (chunk.verdict !== 'consistent' && chunk.verdict !== 'divergent')
      stop ??= {
        verdict: chunk.verdict,
        detail: chunk.detail ?? `${chunk.unsettled} rows changed too fast`,
        remedy: chunk.remedy ?? 'Look again later.',
      }
    await Promise.all([primary.turn(signal), standby.turn(signal)])
  }
  const some = (all: readonly string[]): readonly string[] => all.slice(0, limits.listed.default)
  return {
    look: {
      ...table,
      primary: primary.name,
      standby: standby.name,
      rows,
      onlyPrimary: some(keys.missing),
      onlyStandby: some(keys.extra),
      otherwise: some(keys.changed),
      counts: { onlyPrimary: keys.missing.length, onlyStandby: keys.extra.length, otherwise: keys.changed.length },
      more,
      corrupt,
    },
    blind:
      stop === null
        ? null
        : {
            check: 'replication/row-consistency',
            node: standby.name,
            subjects: [subject.table(standby.name, table.schema, table.table)],
            ...unseen(
              stop.verdict === 'lagging' ? 'stale' : 'not-comparable',
              `${table.schema}.${table.table}: ${stop.verdict}: ${stop.detail}`,
              stop.remedy,
            ),
          },
  }
}

/** The same blocks on the other nodes: a physical copy has the same rows in them. */
export async function stillThere(
  nodes: readonly NodeLook[],
  readers: ReadonlyMap<string, PacedNode>,
  { signal }: Pick<Sweep, 'signal'>,
): Promise<readonly StillThere[]> {
  const found: StillThere[] = []
  for (const { node, abilities, tables } of nodes)
    for (const table of tables.filter((each) => lostRanges(each).length > 0))
      for (const other of nodes) {
        const reader = readers.get(other.node)
        const isCopy = other.node !== node && other.abilities.systemId === abilities.systemId
        if (!isCopy || !reader) continue
        const rows = await rowsIn(reader, table, signal)
        if (rows !== null) found.push({ node, schema: table.schema, table: table.table, peer: other.node, rows })
      }
  return found
}

/** Blocks that cannot be read, are empty or are cut off. */
const lostRanges = ({ unreadable, zero, blocks, pages }: TableLook): readonly Blocks[] => [
  ...[...unreadable, ...zero].map((block) => ({ from: block, to: block })),
  ...(blocks < pages ? [{ from: blocks, to: pages - 1 }] : []),
]

async function rowsIn(reader: PacedNode, table: TableLook, signal: AbortSignal): Promise<number | null> {
  let rows = 0
  try {
    for (const range of lostRanges(table))
      rows += await reader.inTurn(signal, async () =>
        readBlocks(reader, { schema: table.schema, name: table.table }, range, signal),
      )
    return rows
  } catch (error) {
    if (error instanceof ReadFailed) return null
    throw error
  }
}

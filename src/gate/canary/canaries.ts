import type { FillableTable } from '../../engines/postgres/ddl/fillable.ts'
import { parentsFirst, parentsOf } from '../fill/row.ts'
import type { CanaryResult } from '../rehearsal.ts'
import type { Arrival } from '../run/settle.ts'
import type { Stage } from '../run/stage.ts'
import { linkOf, openClient } from '../run/stage.ts'
import type { Place } from './expected.ts'
import type { Sought } from './find-row.ts'
import { findRows, type Look } from './find-row.ts'
import type { CanaryRow, Refused, Writer } from './write-rows.ts'
import { deleteCanary, insertCanary, isRefused, refusesAll, updateCanary } from './write-rows.ts'

export interface CanaryOptions {
  readonly tables: readonly FillableTable[]
  /** Of these each gets two rows that are as alike as it allows: a subscriber may allow less. */
  readonly twins: ReadonlySet<FillableTable>
  readonly placesOf: (table: FillableTable) => readonly Place[]
  /** Waits until what was written has arrived, or will not. */
  readonly settle: () => Promise<readonly Arrival[]>
}

const ends = ['highest', 'lowest'] as const

/** With all tables that these refer to: a row needs a counterpart of its own there. */
export function withParents(tables: readonly FillableTable[], all: readonly FillableTable[]): readonly FillableTable[] {
  const chosen = new Set<FillableTable>()
  const add = (table: FillableTable): void => {
    if (chosen.has(table)) return
    chosen.add(table)
    for (const parent of parentsOf(table, all)) add(parent)
  }
  for (const table of tables) add(table)
  return [...chosen]
}

/**
 * Writes rows on the primary, changes and deletes them, and looks for each step on every node that carries the table. A row
 * stays until all have shown it: one that comes and goes at once leaves nothing to see.
 */
export async function runCanaries(stage: Stage, options: CanaryOptions): Promise<readonly CanaryResult[]> {
  const opened = await openClient(stage, stage.primary)
  if ('refused' in opened) return options.tables.map((table) => notWritten(stage.primary, table, opened.refused))
  const { session } = opened
  const writer: Writer = { session, signal: stage.signal }
  try {
    const results: CanaryResult[] = []
    const refuse = (step: CanaryResult['step'], { table, words, code }: Refused): void => {
      const { schema, name } = table
      results.push({ schema, table: name, node: stage.primary, step, outcome: 'refused', detail: words, code })
    }
    const rows: CanaryRow[] = []
    for (const table of parentsFirst(options.tables))
      for (const which of options.twins.has(table) ? ([...ends, 'twin'] as const) : ends) {
        const row = await insertCanary(writer, table, which, rows)
        if (!isRefused(row)) rows.push(row)
        // A table that takes no second one says nothing by it.
        else if (which !== 'twin') refuse('insert', row)
        if (isRefused(row) && refusesAll.test(row.code ?? '')) return results
      }
    results.push(
      ...(await look(
        stage,
        options,
        rows.map((row) => ({ row, before: null, gone: false })),
        'insert',
      )),
    )
    const updated: Sought[] = []
    for (const before of rows) {
      const row = await updateCanary(writer, before)
      if (isRefused(row)) refuse('update', row)
      else updated.push({ row, before, gone: false })
    }
    results.push(...(await look(stage, options, updated, 'update')))
    const deleted: Sought[] = []
    for (const first of rows.toReversed()) {
      const row = updated.find(({ before }) => before === first)?.row ?? first
      const refused = await deleteCanary(writer, row)
      if (refused) refuse('delete', refused)
      else deleted.push({ row, before: null, gone: true })
    }
    results.push(...(await look(stage, options, deleted, 'delete')))
    return results
  } finally {
    await session.close()
  }
}

/** Nobody gets in to write it. */
const notWritten = (
  node: string,
  { schema, name }: FillableTable,
  { code, message }: { readonly code: string | null; readonly message: string },
): CanaryResult => ({ schema, table: name, node, step: 'insert', outcome: 'refused', detail: message, code })

/** Only the rows at the ends of the types, which stay; a table that takes none has none. */
export async function runCanaryInserts(stage: Stage, tables: readonly FillableTable[]): Promise<void> {
  const opened = await openClient(stage, stage.primary)
  if ('refused' in opened) return
  const { session } = opened
  try {
    const rows: CanaryRow[] = []
    for (const table of parentsFirst(tables))
      for (const which of ends) {
        const row = await insertCanary({ session, signal: stage.signal }, table, which, rows)
        if (!isRefused(row)) rows.push(row)
      }
  } finally {
    await session.close()
  }
}

async function look(
  stage: Stage,
  options: CanaryOptions,
  rows: readonly Sought[],
  step: CanaryResult['step'],
): Promise<readonly CanaryResult[]> {
  const arrivals = await options.settle()
  const looks = rows.flatMap((sought) => options.placesOf(sought.row.table).map((place): Look => ({ sought, place })))
  const nodes = [...new Set(looks.map(({ place }) => place.node))]
  const results = new Map<Look, CanaryResult>()
  await Promise.all(
    nodes.map(async (node) => {
      const mine = looks.filter(({ place }) => place.node === node)
      const found = await findRows(linkOf(stage, node), mine, stage.signal)
      const late = arrivals.find((arrival) => arrival.node === node)?.late ?? null
      for (const [n, { outcome, detail: seen }] of found.entries()) {
        const one = mine[n]
        if (!one) continue
        const { schema, name } = one.sought.row.table
        const detail = outcome === 'missing' ? (seen ?? late) : seen
        results.set(one, { schema, table: name, node, step, outcome, detail, code: null })
      }
    }),
  )
  return looks.flatMap((one) => results.get(one) ?? [])
}

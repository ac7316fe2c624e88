import { createHmac, randomBytes } from 'node:crypto'
import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { FillableTable, ForeignKey } from '../../engines/postgres/ddl/fillable.ts'
import type { RowsWanted, SampledRow } from '../../engines/postgres/ddl/sample-rows.ts'
import { beginSample, computedColumns, sampleRows } from '../../engines/postgres/ddl/sample-rows.ts'
import { openNode, type ReaderSession } from '../../engines/postgres/index.ts'
import type { RealCluster } from '../copy/read-cluster.ts'
import { parentsOf } from '../fill/row.ts'
import type { Step } from '../run/targets.ts'
import type { SampleWish } from './choose.ts'
import { maskedColumns, tablesToSample } from './choose.ts'
import { Masker } from './mask.ts'
import { insertSample, maskRows } from './sampled-data.ts'

/** What of production's rows went into the copy; never a value. */
export interface SampledTable {
  /** `schema.table` */
  readonly table: string
  readonly rows: number
  readonly masked: readonly string[]
  /** Why there are none; null where they could be read. */
  readonly problem: string | null
}

export interface Sample {
  readonly tables: readonly SampledTable[]
  /** For the copy, each time it starts anew: they are kept nowhere. */
  readonly statements: readonly string[]
}

const limits = {
  rows: { default: 100, unit: 'rows', why: 'enough to meet what people really write, read in milliseconds' },
  parents: { default: 1000, unit: 'rows', why: 'rows that the others refer to, of one table' },
  rounds: { default: 16, unit: 'rounds', why: 'tables that refer to tables are rarely nested deeper' },
  statementMs: { default: 2000, unit: 'ms', why: 'production has other work' },
  connectMs: { default: 3000, unit: 'ms', why: 'as for the catalog' },
} as const

export interface SampleOptions {
  readonly wish: SampleWish
  readonly steps: readonly Step[]
  readonly signal: AbortSignal
}

/** Reads a few real rows from the primary, in one read-only transaction, and masks them before anybody else has them. */
export async function readSample(cluster: ClusterConfig, real: RealCluster, options: SampleOptions): Promise<Sample> {
  const { wish, steps, signal } = options
  const masked = maskedColumns(real.fillable, wish)
  const name = real.primary
  const url = cluster.nodes.find((node) => node.name === name)?.url ?? ''
  const statementTimeoutMs = limits.statementMs.default
  const link = await openNode({ name, url, signal, deadlineMs: limits.connectMs.default, statementTimeoutMs })
  try {
    const reached = await link.reach(signal)
    if (!reached.ok) throw unreadable(name, reached.failure.message, reached.failure.remedy)
    const begun = await reached.reader.session.run({ text: beginSample }, deadline(signal))
    if (!begun.ok) throw unreadable(name, begun.failure.message, begun.failure.remedy)
    const gathering = new Gathering(reached.reader, real.fillable, signal)
    await gathering.gather(tablesToSample(real.fillable, steps))
    // A key that is thrown away: nobody can lead a value back, nor find it again in the next copy.
    const key = randomBytes(32)
    const masker = new Masker((text) => createHmac('sha256', key).update(text).digest())
    const rows = new Map(
      [...gathering.rows].map(([table, found]) => [table, maskRows(table, found, { masked, masker })]),
    )
    return { tables: tablesOf(gathering, masked), statements: insertSample(rows) }
  } finally {
    await link.close()
  }
}

const deadline = (signal: AbortSignal) => ({
  signal,
  deadlineMs: limits.statementMs.default + limits.connectMs.default,
})

const unreadable = (name: string, why: string, remedy: string): AntemortemError =>
  new AntemortemError('node-unreadable', `rows of ${name} cannot be read: ${why}`, remedy)

const tablesOf = ({ rows, problems }: Gathering, masked: ReadonlySet<string>): readonly SampledTable[] =>
  [...rows].map(([table, found]) => ({
    table: `${table.schema}.${table.name}`,
    rows: found.length,
    masked: table.columns.map(({ name }) => name).filter((name) => masked.has(`${table.schema}.${table.name}.${name}`)),
    problem: problems.get(table) ?? null,
  }))

/** The rows of the chosen tables, and of all others those that they refer to. */
class Gathering {
  readonly rows = new Map<FillableTable, readonly SampledRow[]>()
  readonly problems = new Map<FillableTable, string>()
  readonly #reader: ReaderSession
  readonly #all: readonly FillableTable[]
  readonly #signal: AbortSignal
  #computed: ReadonlySet<string> = new Set()
  readonly #asked = new Set<string>()

  constructor(reader: ReaderSession, all: readonly FillableTable[], signal: AbortSignal) {
    this.#reader = reader
    this.#all = all
    this.#signal = signal
  }

  async gather(chosen: ReadonlySet<FillableTable>): Promise<void> {
    this.#computed = await computedColumns(this.#reader, deadline(this.#signal))
    for (const table of chosen) await this.#read(table, null, limits.rows.default)
    for (let round = 0; round < limits.rounds.default; round += 1) if (!(await this.#readParents())) return
  }

  /** Was there anything new to ask for? */
  async #readParents(): Promise<boolean> {
    let isNew = false
    // Those that are read here are looked at in the next round.
    const known = Array.from(this.rows)
    for (const [table, rows] of known)
      for (const key of table.foreignKeys) {
        const values = this.#notAsked(key, rows)
        if (values.length === 0) continue
        isNew = true
        const one: FillableTable = { ...table, foreignKeys: [key] }
        for (const parent of parentsOf(one, this.#all))
          await this.#read(parent, { columns: key.references, values }, limits.parents.default)
      }
    return isNew
  }

  #notAsked(key: ForeignKey, rows: readonly SampledRow[]): readonly (readonly string[])[] {
    const found: (readonly string[])[] = []
    for (const row of rows) {
      const values = key.columns.flatMap((column) => row[column] ?? [])
      const name = JSON.stringify([key.schema, key.table, key.references, values])
      if (values.length !== key.columns.length || this.#asked.has(name)) continue
      this.#asked.add(name)
      found.push(values)
    }
    return found
  }

  async #read(table: FillableTable, among: RowsWanted['among'], limit: number): Promise<void> {
    const { schema, name } = table
    const known = this.rows.get(table) ?? []
    const room = Math.min(limit, limits.parents.default - known.length)
    if (this.problems.has(table) || room <= 0) return
    const columns = table.columns
      .map((column) => column.name)
      .filter((column) => !this.#computed.has(JSON.stringify([schema, name, column])))
    const found = await this.#ask({ schema, name, columns, limit: room, among })
    if (typeof found === 'string') this.problems.set(table, found)
    const texts = new Set(known.map((row) => JSON.stringify(row)))
    const more = typeof found === 'string' ? [] : found.filter((row) => !texts.has(JSON.stringify(row)))
    this.rows.set(table, [...known, ...more])
  }

  /** A table that may not be read must not end the transaction for the others. */
  async #ask(wanted: RowsWanted): Promise<readonly SampledRow[] | string> {
    const run = async (text: string) => this.#reader.session.run({ text }, deadline(this.#signal))
    await run('savepoint one')
    const found = await sampleRows(this.#reader, wanted, deadline(this.#signal))
    await run(typeof found === 'string' ? 'rollback to savepoint one' : 'release savepoint one')
    return found
  }
}

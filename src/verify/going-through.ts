import type { PairReport, TableReport } from '../core/verification.ts'
import type { Key } from '../engines/postgres/rows/comparable.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import type { ChunkVerdict } from '../rows/compare-table.ts'
import type { Pair } from '../rows/fence.ts'
import type { SelfTests } from '../rows/prepare.ts'
import { remedyOf, wordsOf } from '../rows/refusal.ts'
import type { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import type { NodePair, NotCovered } from './pairs.ts'
import { rechecked } from './recheck.ts'
import { tableReport, unverifiable, weightKey } from './report.ts'
import type { VerifyOptions } from './run.ts'
import { verifySequences } from './sequences.ts'
import { keysAgain } from './chunks.ts'
import { scopeOf, verifyTable } from './table.ts'
import type { Task } from './tasks.ts'
import type { WantedTable } from './wanted-table.ts'
import type { RowWork } from './work.ts'

const limits = {
  fenceMs: { default: 60_000, unit: 'ms', why: 'a node that is further behind is lagging' },
  lateMs: {
    default: 2_000,
    unit: 'ms',
    why: 'who has not come once in a minute is not waited for as long at every table',
  },
  tellEveryMs: { default: 200, unit: 'ms', why: 'a number that changes faster is not read' },
} as const

const fenceMsAfter = (tables: readonly TableReport[]): number =>
  tables.some(({ verdict }) => verdict === 'lagging') ? limits.lateMs.default : limits.fenceMs.default

/** All pairs at once: a node's session runs one statement at a time, whichever pair asks for it. */
export class GoingThrough {
  readonly #options: VerifyOptions
  readonly #readers: ReadonlyMap<string, PacedNode>
  readonly #rows = new Map<string, { done: number; before: number; all: number }>()
  readonly #tablesAll: number
  readonly #startedAt = performance.now()
  readonly #selfTests: SelfTests = new Map()
  #tablesDone = 0
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(options: VerifyOptions, readers: ReadonlyMap<string, PacedNode>, tasks: readonly Task[]) {
    this.#options = options
    this.#readers = readers
    this.#tablesAll = tasks.reduce((sum, { tables }) => sum + tables.length, 0)
    for (const { pair, tables } of tasks)
      for (const { name, rowsEstimated } of tables)
        this.#rows.set(weightKey(pair, name), { done: 0, before: 0, all: Math.max(0, rowsEstimated) })
  }

  async pair(task: Task): Promise<{ readonly report: PairReport; readonly notCovered: readonly NotCovered[] }> {
    const { pair } = task
    const { clock, signal, cluster } = this.#options
    const tables: TableReport[] = []
    for (const table of task.tables) {
      tables.push(await this.#table(task, table, fenceMsAfter(tables)))
      this.#tablesDone += 1
    }
    const [left, right] = [this.#reader(pair.left), this.#reader(pair.right)]
    const follows = { left: pair.left, right: pair.right, follows: pair.follows }
    if (pair.follows !== 'physical' || signal.aborted)
      return { report: { ...follows, tables }, notCovered: sequencesNotCovered(pair) }
    const rows: Pair = { source: left, target: right, follows: { kind: 'physical' } }
    const sequences = await verifySequences(pair, rows, {
      passive: cluster.fence === 'passive',
      fenceMs: fenceMsAfter(tables),
      clock,
      signal,
    })
    return { report: { ...follows, tables: [...tables, ...sequences.tables] }, notCovered: sequences.notCovered }
  }

  #reader(name: string): PacedNode {
    const reader = this.#readers.get(name)
    if (!reader) throw new Error(`no reader of ${name}`)
    return reader
  }

  async #table({ pair, again }: Task, table: WantedTable, fenceMs: number): Promise<TableReport> {
    const { cluster, store, clock, signal } = this.#options
    const startedAt = performance.now()
    const nodes = { left: this.#reader(pair.left), right: this.#reader(pair.right) }
    const work = {
      cluster: cluster.name,
      pair,
      table,
      ...nodes,
      passiveFence: cluster.fence === 'passive',
      fenceMs,
      selfTests: this.#selfTests,
      store,
      clock,
      signal,
    }
    const look = again?.get(table.name)
    if (look?.keys && !table.refused) {
      const found = await lookAgain(work, look.keys)
      return rechecked(look.earlier, found, performance.now() - startedAt)
    }
    const fresh = this.#options.fresh || again !== null
    let begun = false
    const { state, finished } = await verifyTable({
      ...work,
      fresh,
      onState: ({ rows }) => {
        this.#tell(pair, table, { rows, isFirst: !begun })
        begun = true
      },
    })
    return tableReport(state, { table: table.name, rowsEstimated: table.rowsEstimated, finished })
  }

  #tell(
    pair: NodePair,
    { name }: WantedTable,
    { rows, isFirst }: { readonly rows: number; readonly isFirst: boolean },
  ): void {
    const entry = this.#rows.get(weightKey(pair, name))
    if (entry) Object.assign(entry, { done: rows, ...(isFirst && { before: rows }) })
    // A schema may have ten thousand tables, and a line is read by a person.
    if (performance.now() - this.#toldAt < limits.tellEveryMs.default) return
    this.#toldAt = performance.now()
    const all = [...this.#rows.values()]
    this.#options.onTally({
      now: `${pair.left} → ${pair.right} ${name}`,
      rowsAll: all.reduce((sum, each) => sum + Math.max(each.all, each.done), 0),
      rowsDone: all.reduce((sum, each) => sum + each.done, 0),
      rowsBefore: all.reduce((sum, each) => sum + each.before, 0),
      tablesAll: this.#tablesAll,
      tablesDone: this.#tablesDone,
      passedMs: performance.now() - this.#startedAt,
    })
  }
}

/** Interrupted, or not readable: then nothing new is known of these rows. */
async function lookAgain(work: RowWork, keys: readonly Key[]): Promise<ChunkVerdict> {
  try {
    return await keysAgain(work, await scopeOf(work), keys)
  } catch (error) {
    if (work.signal.aborted) return unverifiable('it was not looked at again', 'Run the same command again.')
    if (!(error instanceof ReadFailed)) throw error
    return unverifiable(wordsOf(error), remedyOf(error, work.table.schema, work.table.table))
  }
}

const sequencesNotCovered = ({ left, right, follows }: NodePair): readonly NotCovered[] =>
  follows === 'physical'
    ? []
    : [
        {
          what: `${left} → ${right}: sequences`,
          why:
            follows === 'logical'
              ? 'logical replication does not carry them; check:replication/sequence-behind looks where they stand'
              : 'nothing carries them from one node to the other',
        },
      ]

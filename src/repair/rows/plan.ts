import { canonicalJson } from '../../core/json.ts'
import { onlyRead, type Plan, type Refusal, type Step } from '../../core/plan.ts'
import { subject } from '../../core/subject.ts'
import type { RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import type { ForeignKey, TargetLook } from '../../engines/postgres/act/repair-look.ts'
import { shownTable } from '../names.ts'
import { batchInput, type BatchInput } from './batch.ts'
import { isChanged, isExtra, isMissing, type Direction, type TableRows } from './table-rows.ts'
import { whyNotTable, whyNotTarget } from './why-not.ts'
import { concerns, inBatches, mustReplace, parentsFirst } from './writing.ts'

/** A plan that nobody carries out in this time is made again: rows move. */
export const validForMs = 3_600_000

export interface RepairOptions {
  readonly id: string
  readonly cluster: string
  readonly atMs: number
  readonly digest: (text: string) => string
  readonly direction: Direction
  readonly target: TargetLook
  /** `system/database` that the target's reading address leads to; null where nobody saw. */
  readonly expected: string | null
  readonly tables: readonly TableRows[]
}

/** A plan, and what people are told beside it. */
export interface RowsPlan {
  readonly plan: Plan
  readonly direction: Direction
  readonly target: TargetLook
  /** In the order in which they are written. */
  readonly tables: readonly TableRows[]
  /** Tables and rows that stay as they are, and why. */
  readonly leftOut: readonly Refusal[]
}

/** Pure: what is read, the id, the clock and the digest come from outside. */
export function planRows(options: RepairOptions): RowsPlan {
  const { direction, target, cluster, atMs } = options
  const whole = whyNotTarget(direction, target, options.expected)
  const judged = options.tables.map((rows) => ({ rows, why: whyNotTable(direction, target, rows) }))
  const tables = parentsFirst(judged.flatMap(({ rows, why }) => (why || rows.rows.length === 0 ? [] : [rows])))
  const leftOut = [...judged.flatMap(({ why }) => (why ? [why] : [])), ...options.tables.flatMap(rowsLeftOut)]
  const steps = whole ? [] : stepsOf(options, tables)
  const nothing: Refusal = { id: 'nothing-to-do', why: 'no row differs that could be repaired', evidence: {} }
  const refusals = whole ? [whole] : steps.length > 0 ? [] : leftOut.length > 0 ? leftOut : [nothing]
  return {
    plan: {
      id: options.id,
      kind: 'repair-rows',
      subject: subject.node(direction.target),
      cluster,
      basis: {
        fingerprint: fingerprintOf(steps, options.digest),
        atMs,
        expiresMs: atMs + validForMs,
      },
      steps,
      refusals,
    },
    direction,
    target,
    tables,
    leftOut: refusals === leftOut ? [] : leftOut,
  }
}

/** Of all that the steps are told to do, images of rows included: a plan that came by file is the one that was made. */
export const fingerprintOf = (steps: readonly Step[], digest: (text: string) => string): string =>
  digest(canonicalJson(steps.map(({ n, kind, node, input }) => ({ n, kind, node, input }))))

function rowsLeftOut(rows: TableRows): readonly Refusal[] {
  const refusal = (id: string, keys: readonly (readonly string[])[], why: string): readonly Refusal[] =>
    keys.length === 0
      ? []
      : [
          {
            id,
            why: `${shownTable(rows)}: ${keys.length} ${keys.length === 1 ? 'row' : 'rows'} ${why}`,
            evidence: { first: JSON.stringify(keys[0]) },
          },
        ]
  return [
    ...refusal('moving', rows.moving, 'are written again and again, and were not settled: plan again'),
    ...refusal(
      'twice',
      rows.twice,
      'stand twice under one key on one of the nodes, which a page that was lost leaves behind: that is damage of the table (antemortem integrity --repair plan)',
    ),
    ...refusal('inexact', rows.inexact, 'hold a value that cannot be made again from its text'),
  ]
}

type Draft = Omit<Step, 'n'>

/** Rows that are too many go first, those of children before those of their parents; then come the others the other way round. */
function stepsOf(options: RepairOptions, tables: readonly TableRows[]): readonly Step[] {
  const { direction } = options
  const drafts: Draft[] = [
    ...tables.toReversed().flatMap((rows) => exchanges(options, rows, rows.rows.filter(isExtra))),
    ...tables.flatMap((rows) =>
      exchanges(
        options,
        rows,
        rows.rows.filter((row) => !isExtra(row)),
      ),
    ),
    ...tables.filter((rows) => keysOf(rows).length > 0).map((rows) => check(options, rows)),
    ...tables.map((rows) => proof(options, rows)),
  ]
  return drafts.map((draft, index) => ({ ...draft, n: index + 1, node: direction.target }))
}

function exchanges(options: RepairOptions, rows: TableRows, changes: readonly RowChange[]): readonly Draft[] {
  const { direction } = options
  const { target, source } = direction
  const name = shownTable(rows)
  return inBatches(changes).map((batch) => {
    const { rows: _, ...scope } = inputOf(options, rows, batch)
    return {
      kind: 'rows-exchange',
      words: `${name}: ${countWords(batch)}, as ${source} has them; a row that is not as planned stops it`,
      node: target,
      input: inputOf(options, rows, batch),
      idempotent: 'check-first',
      deadlineMs: 60_000,
      undo: {
        step: {
          kind: 'rows-put-back',
          words: `${name}: put ${batch.length} ${batch.length === 1 ? 'row' : 'rows'} back as ${batch.length === 1 ? 'it was' : 'they were'}; a row that has moved since stops it`,
          node: target,
          input: scope,
          deadlineMs: 60_000,
        },
      },
    }
  })
}

/** `insert 2 rows, update 1 row`. */
export function countWords(changes: readonly RowChange[]): string {
  const counted = (
    [
      ['delete', changes.filter(isExtra).length],
      ['insert', changes.filter(isMissing).length],
      ['change', changes.filter(isChanged).length],
    ] as const
  ).filter(([, count]) => count > 0)
  return counted.map(([verb, count]) => `${verb} ${count} ${count === 1 ? 'row' : 'rows'}`).join(', ')
}

const keysOf = (rows: TableRows): readonly ForeignKey[] =>
  (rows.look?.foreignKeys ?? []).filter((key) => concerns(key, rows.rows))

function check(options: RepairOptions, rows: TableRows): Draft {
  return {
    kind: 'rows-foreign-keys',
    words: `${shownTable(rows)}: see that the repaired rows, and those that refer to them, break none of its foreign keys (${keysOf(
      rows,
    )
      .map(({ name }) => name)
      .join(', ')})`,
    node: options.direction.target,
    input: withoutRows(options, rows),
    idempotent: 'yes',
    deadlineMs: 120_000,
    undo: { none: onlyRead },
  }
}

function proof(options: RepairOptions, rows: TableRows): Draft {
  const { left, right } = options.direction
  return {
    kind: 'rows-prove',
    words: `${shownTable(rows)}: compare the same ${rows.rows.length === 1 ? 'row' : `${rows.rows.length} rows`} of ${left} and ${right} again, behind a fence`,
    node: options.direction.target,
    input: withoutRows(options, rows),
    idempotent: 'yes',
    deadlineMs: 180_000,
    undo: { none: onlyRead },
  }
}

/** Which rows these are stands in the steps that exchange them. */
function withoutRows(options: RepairOptions, rows: TableRows): Step['input'] {
  const { rows: _, ...scope } = inputOf(options, rows, [])
  return scope
}

function inputOf(
  { direction, target, expected }: RepairOptions,
  rows: TableRows,
  changes: readonly RowChange[],
): Step['input'] {
  const { look } = rows
  const input: BatchInput = {
    ...direction,
    schema: rows.schema,
    table: rows.table,
    key: rows.key,
    columns: rows.columns,
    server: expected ?? `${target.systemId}/${target.database}`,
    mode: {
      isReplica: target.mayReplicate,
      hasOrigin: target.mayOriginate,
      replaces: look !== null && mustReplace(rows.rows, look),
    },
    rows: changes,
  }
  return batchInput(input)
}

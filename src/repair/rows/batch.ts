import type { Plan, Step } from '../../core/plan.ts'
import type { ExchangeMode, RowChange } from '../../engines/postgres/act/exchange-rows.ts'
import type { KeyedTable } from '../../engines/postgres/rows/row-images.ts'
import type { Direction } from './table-rows.ts'

/** What a step of `repair-rows` is about. */
export interface BatchInput extends Direction, KeyedTable {
  /** `system/database` that was read. */
  readonly server: string
  readonly mode: ExchangeMode
  readonly rows: readonly RowChange[]
}

/** A step's input is scalars: what is structured goes in as JSON. */
export function batchInput(batch: BatchInput): Step['input'] {
  const { left, right, subscription, target, source, schema, table, server } = batch
  return {
    left,
    right,
    subscription,
    target,
    source,
    schema,
    table,
    server,
    key: JSON.stringify(batch.key),
    columns: JSON.stringify(batch.columns),
    is_replica: batch.mode.isReplica,
    has_origin: batch.mode.hasOrigin,
    replaces: batch.mode.replaces,
    rows: JSON.stringify(batch.rows),
  }
}

/** The other way; a step without its input is a bug of ours. */
export function batchOf({ kind, input }: Pick<Step, 'kind' | 'input'>): BatchInput {
  const text = (name: string): string => {
    const value = input[name]
    if (typeof value !== 'string') throw new Error(`step ${kind} has no ${name}`)
    return value
  }
  const rows = input['rows']
  return {
    left: text('left'),
    right: text('right'),
    subscription: typeof input['subscription'] === 'string' ? input['subscription'] : null,
    target: text('target'),
    source: text('source'),
    schema: text('schema'),
    table: text('table'),
    server: text('server'),
    // These three were written by `batchInput`.
    key: JSON.parse(text('key')) as BatchInput['key'],
    columns: JSON.parse(text('columns')) as BatchInput['columns'],
    rows: typeof rows === 'string' ? (JSON.parse(rows) as BatchInput['rows']) : [],
    mode: {
      isReplica: input['is_replica'] === true,
      hasOrigin: input['has_origin'] === true,
      replaces: input['replaces'] === true,
    },
  }
}

/** All rows of one table in a plan, whichever steps exchange them. */
export function rowsOfTable(
  steps: readonly Step[],
  { schema, table }: { readonly schema: string; readonly table: string },
): readonly RowChange[] {
  return steps
    .filter(
      ({ kind, input }) =>
        (kind === 'rows-exchange' || kind === 'rows-clear') && input['schema'] === schema && input['table'] === table,
    )
    .flatMap((step) => batchOf(step).rows)
}

/** A plan as it may be printed: values of rows are for its files, which only their owner can read. */
export const withoutValues = (plan: Plan): Plan => ({
  ...plan,
  steps: plan.steps.map((step) =>
    typeof step.input['rows'] === 'string'
      ? { ...step, input: { ...step.input, rows: `${batchOf(step).rows.length} rows, in the files of the plan` } }
      : step,
  ),
})

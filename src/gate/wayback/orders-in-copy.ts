import { isMasked, settingText } from '../../core/sql-text.ts'
import type { NodeView, Snapshot } from '../../core/snapshot.ts'
import { below, child, text } from '../change/tree.ts'
import { indexName } from '../change/relations.ts'
import { literal } from '../fill/sql.ts'
import type { StatementResult } from '../rehearsal.ts'
import type { Stage } from '../run/stage.ts'
import { wordsOf, type BackOrder } from './back-order.ts'
import { shown } from './names.ts'

/** What a node of the copy had before the change: what is new in it afterwards is the change's. */
export interface Mark {
  /** Rows that were written since bear this number or a later one. */
  readonly xid: number
  readonly indexes: ReadonlySet<number>
  /** Connection strings of the copy, by subscription. */
  readonly connections: ReadonlyMap<string, string>
  /** What ALTER SYSTEM had given there: production's own may be masked. */
  readonly settings: ReadonlyMap<string, string>
}

export interface Known {
  readonly before: Snapshot
  readonly marks: ReadonlyMap<string, Mark>
  readonly done: readonly StatementResult[]
}

const oneMark = `select case when pg_is_in_recovery() then 0 else pg_current_xact_id()::text::int8::float8 end as xid,
  (select coalesce(array_agg(indexrelid::int8::float8), '{}') from pg_index) as indexes,
  (select coalesce(json_object_agg(subname, subconninfo), '{}') from pg_subscription
    where subdbid = (select oid from pg_database where datname = current_database())) as connections,
  (select coalesce(json_object_agg(name, setting order by seqno), '{}') from pg_file_settings
    where sourcefile like '%/postgresql.auto.conf' and name is not null and error is null) as settings`

export async function marksOf({ lab, nodes }: Stage): Promise<ReadonlyMap<string, Mark>> {
  const marks = new Map<string, Mark>()
  for (const { name } of nodes) {
    const [row] = await lab.rows(name, oneMark)
    const indexes: unknown = row?.['indexes']
    marks.set(name, {
      xid: Number(row?.['xid']),
      indexes: new Set(Array.isArray(indexes) ? indexes.map(Number) : []),
      connections: textsOf(row?.['connections']),
      settings: textsOf(row?.['settings']),
    })
  }
  return marks
}

const textsOf = (object: unknown): ReadonlyMap<string, string> =>
  new Map(Object.entries(Object(object)).map(([name, text]) => [name, String(text)]))

/** Statements with what only the run could tell: here nobody else writes, and what is new is the change's. */
export async function statementsFor(
  { lab }: Stage,
  node: string,
  order: BackOrder,
  { before, marks, done }: Known,
): Promise<readonly string[]> {
  const mark = marks.get(node)
  if (order.kind === 'delete-rows' && mark) return [`delete from ${order.table} where xmin::text::int8 >= ${mark.xid}`]
  if (order.kind === 'drop-index' && mark) {
    const rows = await lab.rows(
      node,
      `select i.indexrelid::int8::float8 as oid, i.indexrelid::regclass::text as name, c.relname as bare from pg_index i
        join pg_class c on c.oid = i.indexrelid
        where i.indrelid = to_regclass(${literal(order.table)})
          and not exists (select from pg_constraint where conindid = i.indexrelid)`,
    )
    const given = new Set(done.map(({ statement: { tree } }) => indexName(child(tree, 'IndexStmt'))?.name))
    return rows.flatMap((row) =>
      mark.indexes.has(Number(row['oid'])) || given.has(String(row['bare']))
        ? []
        : [`drop index ${String(row['name'])}`],
    )
  }
  if (order.kind === 'drop-constraint' && mark) {
    const rows = await lab.rows(
      node,
      `select conname as name, format('alter table %s drop constraint %I', conrelid::regclass, conname) as gone
        from pg_constraint where conrelid = to_regclass(${literal(order.table)}) and conparentid = 0
          and contype in ('c', 'u', 'f', 'x') and xmin::text::int8 >= ${mark.xid}`,
    )
    const named = new Set(
      done.flatMap(({ statement: { tree } }) => [...below(tree)].map((each) => text(each, 'conname'))),
    )
    return rows.flatMap((row) => (named.has(String(row['name'])) ? [] : [String(row['gone'])]))
  }
  if (order.kind === 'setting' && mark) {
    const names = order.name === null ? [...mark.settings.keys()] : [order.name]
    const back = names.map((name) => {
      const was = mark.settings.get(name)
      return was === undefined
        ? `alter system reset ${shown(name)}`
        : `alter system set ${shown(name)} = ${settingText(name, was)}`
    })
    return order.name === null ? ['alter system reset all', ...back] : back
  }
  if (order.kind === 'connection' && mark) {
    const was = mark.connections.get(order.subscription)
    return was === undefined ? [] : [`alter subscription ${shown(order.subscription)} connection ${literal(was)}`]
  }
  return shownOrder(
    order,
    before.nodes.find(({ name }) => name === node),
  )
}

/** As it is printed, to be copied: a comment where production's own run has to be known. */
export function shownOrder(order: BackOrder, view: NodeView | undefined): readonly string[] {
  switch (order.kind) {
    case 'sql':
      return [order.sql]
    case 'drop-table':
      return [`drop table ${order.table}`]
    case 'setting':
      return systemSetting(order.name, view)
    default:
      return [`-- ${wordsOf(order)}`]
  }
}

/** A value that ALTER SYSTEM had given before is given again; after `reset all` all that it had given. */
function systemSetting(name: string | null, view: NodeView | undefined): readonly string[] {
  const settings = view?.facts.fileSettings
  const old = (settings?.seen === true ? settings.value : []).filter(
    (one) => one.file.endsWith('postgresql.auto.conf') && one.value !== null && (name === null || one.name === name),
  )
  if (old.length > 0) return old.map((one) => settingShown(one.name ?? '', one.value ?? ''))
  return [name === null ? 'alter system reset all' : `alter system reset ${shown(name)}`]
}

const settingShown = (name: string, value: string): string =>
  isMasked(value)
    ? `-- set ${shown(name)} back to what it was: a secret stands in it`
    : `alter system set ${shown(name)} = ${settingText(name, value)}`

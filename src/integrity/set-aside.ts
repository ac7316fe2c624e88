import { sqlName } from '../core/sql-text.ts'
import { subject } from '../core/subject.ts'
import { words, type Damage } from './damage.ts'
import type { Looks, NodeLook, TableLook } from './looks.ts'

/** As a rebuild names the damaged table that it keeps; its plan has the same mark. */
const keptName = /^(.+)_damaged_([0-9a-f]{8})$/

/** Its own table is beside it again. */
const isKept = ({ tables }: NodeLook, schema: string, table: string): boolean => {
  const [, start] = keptName.exec(table) ?? []
  return (
    start !== undefined &&
    tables.some((other) => other.schema === schema && other.table !== table && other.table.startsWith(start))
  )
}

/** The looks without tables that a repair has set aside, and these: they are damaged, and nobody is to mend them. */
export function withoutKept(looks: Looks): {
  readonly rest: Looks
  readonly kept: readonly (Pick<TableLook, 'schema' | 'table'> & { readonly node: string; readonly only: Looks })[]
} {
  const kept = looks.nodes.flatMap((node) =>
    node.tables
      .filter(({ schema, table }) => isKept(node, schema, table))
      .map((table) => ({ ...table, node: node.node })),
  )
  if (kept.length === 0) return { rest: looks, kept: [] }
  const isOne = (schema: string, table: string): boolean =>
    kept.some((each) => each.schema === schema && each.table === table)
  return {
    rest: only(looks, (schema, table) => !isOne(schema, table)),
    kept: kept.map(({ node, schema, table }) => ({
      node,
      schema,
      table,
      only: only(looks, (s, t) => s === schema && t === table, node),
    })),
  }
}

type Wants = (schema: string, table: string) => boolean

const only = (looks: Looks, wants: Wants, node?: string): Looks => ({
  ...looks,
  nodes: looks.nodes
    .filter((each) => node === undefined || each.node === node)
    .map((each) => ({
      ...each,
      tables: each.tables.filter(({ schema, table }) => wants(schema, table)),
      indexes: each.indexes.filter(({ schema, table }) => wants(schema, table)),
      orphans: each.orphans.filter(({ key }) => wants(key.schema, key.table)),
    })),
  peers: looks.peers.filter(({ schema, table }) => wants(schema, table)),
})

/** Still told, so that it is not forgotten on the disk. */
export const keptDamage = (node: string, schema: string, table: string): Damage => ({
  check: 'integrity/set-aside',
  subject: subject.table(node, schema, table),
  node,
  severity: 'info',
  message: `${schema}.${table} on ${node} is the damaged table that a repair has set aside (mend list: the plan ends in ${keptName.exec(table)?.[2] ?? ''}); it is as damaged as it was`,
  evidence: { table },
  remedy: `When nobody needs it any more: drop table ${sqlName(schema)}.${sqlName(table)};`,
  mend: words,
})

import { z } from 'zod'
import type { RowImage } from '../../../core/verification.ts'
import type { Key } from '../rows/comparable.ts'
import { keyTexts } from '../rows/predicate.ts'
import type { ImageColumn, KeyedTable } from '../rows/row-images.ts'
import { imageOf, imageShape, matchingKeys, sameKey, wantedKeys } from '../rows/row-images.ts'
import { identifier, literal, qualified } from '../rows/sql.ts'
import type { Actor } from './actor.ts'

/** One row, as it must be found and as it is left; null: there is none. */
export interface RowChange {
  readonly key: Key
  readonly from: RowImage | null
  readonly to: RowImage | null
}

/** How rows are written. */
export interface ExchangeMode {
  /** `session_replication_role = replica`: ordinary triggers and foreign keys do not fire. */
  readonly isReplica: boolean
  /** Marked with a replication origin, as the rows are that a subscription applies. */
  readonly hasOrigin: boolean
  /** Changed rows are deleted and inserted, not updated: generated columns, identities, exchanged unique values. */
  readonly replaces: boolean
}

/** A row that is not as the plan says, in words. */
export interface Moved {
  readonly key: Key
  readonly why: string
  /** It was as it must be, and is not what was written. */
  readonly isWritten?: boolean
}

/** As the images were printed: another session's settings would read them otherwise. */
const asPrinted = [
  `timezone = 'UTC'`,
  `datestyle = 'ISO'`,
  `intervalstyle = 'postgres'`,
  `bytea_output = 'hex'`,
  `extra_float_digits = 1`,
  `xmloption = 'content'`,
]
  .map((setting) => `set local ${setting}`)
  .join('; ')

const foundRow = z.object({ key: z.array(z.string()), image: imageShape })

/** The rows with these keys, as they are now. */
export async function readNow(
  actor: Actor,
  table: KeyedTable,
  keys: readonly Key[],
  isLocked = false,
): Promise<ReadonlyMap<string, readonly RowImage[]>> {
  const rows = await actor.run({
    text: `select ${keyTexts(table.key)} as key, ${imageOf(table.columns)} as image
      from ${matchingKeys(table, { isLocked })}`,
    values: [JSON.stringify(keys)],
  })
  const found = new Map<string, RowImage[]>()
  for (const { key, image } of z.array(foundRow).parse(rows)) {
    const text = JSON.stringify(key)
    found.set(text, [...(found.get(text) ?? []), image])
  }
  return found
}

/** Reads rows outside of any exchange, printed as images are. */
export async function lookAtRows(
  actor: Actor,
  table: KeyedTable,
  keys: readonly Key[],
): Promise<ReadonlyMap<string, readonly RowImage[]>> {
  await actor.run({ text: `begin read only; ${asPrinted}` })
  try {
    return await readNow(actor, table, keys)
  } finally {
    await actor.run({ text: 'rollback' })
  }
}

/** The columns that an image does not name may be anything: a subscriber has columns of its own. */
export function differsFrom(image: RowImage | null, found: readonly RowImage[]): string | null {
  const [row, ...more] = found
  if (more.length > 0) return `there are ${found.length} rows with this key`
  if (!image) return row ? 'there is a row with this key' : null
  if (!row) return 'the row is not there'
  const names = Object.keys(image).filter((name) => row[name] !== image[name])
  return names.length === 0 ? null : `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not as expected`
}

export const originName = 'antemortem'

/** Made when it is not there; nobody else uses it, because one session of ours acts on a server at a time. */
const withOrigin = `do $$ begin
  if not exists (select from pg_replication_origin where roname = ${literal(originName)}) then
    perform pg_replication_origin_create(${literal(originName)});
  end if; end $$;
  select pg_replication_origin_session_setup(${literal(originName)})`

const withoutOrigin = `select pg_replication_origin_session_reset(); select pg_replication_origin_drop(${literal(originName)})`

/**
 * Exchanges rows in one transaction, whole or not at all. They are locked and looked at first: where one is not as it must be,
 * nothing is changed and the answer says which. `keep` is called with what was found before anything is written. What was
 * written is read again before the commit: a trigger, a rule, a length or a locale that makes another value of it undoes all.
 */
export async function exchangeRows(
  actor: Actor,
  table: KeyedTable,
  changes: readonly RowChange[],
  mode: ExchangeMode,
  keep: (found: readonly RowChange[]) => Promise<void>,
): Promise<readonly Moved[]> {
  if (mode.hasOrigin) await actor.run({ text: withOrigin })
  await actor.run({
    text: `begin; ${asPrinted}${mode.isReplica ? '; set local session_replication_role = replica' : ''}`,
  })
  const keys = changes.map(({ key }) => key)
  const before = await readNow(actor, table, keys, true)
  const moved = notAs(changes, 'from', before)
  if (moved.length === 0) {
    const found = changes.map((change) => ({ ...change, from: before.get(JSON.stringify(change.key))?.[0] ?? null }))
    await keep(found)
    await write(actor, table, found, mode)
    const wrong = notAs(changes, 'to', await readNow(actor, table, keys)).map(({ key, why }) => ({
      key,
      why: `once written, ${why}: a trigger or rule changes it, or the column holds less`,
      isWritten: true,
    }))
    moved.push(...wrong)
  }
  await actor.run({ text: moved.length === 0 ? 'commit' : 'rollback' })
  if (mode.hasOrigin) await actor.run({ text: withoutOrigin })
  return moved
}

function notAs(
  changes: readonly RowChange[],
  side: 'from' | 'to',
  found: ReadonlyMap<string, readonly RowImage[]>,
): Moved[] {
  return changes.flatMap((change) => {
    const why = differsFrom(change[side], found.get(JSON.stringify(change.key)) ?? [])
    return why === null ? [] : [{ key: change.key, why }]
  })
}

async function write(
  actor: Actor,
  table: KeyedTable,
  changes: readonly RowChange[],
  mode: ExchangeMode,
): Promise<void> {
  const changed = changes.filter(({ from, to }) => from !== null && to !== null)
  // Columns that only this node has keep their values.
  const replaced = mode.replaces ? changed.map((row) => ({ ...row, to: { ...row.from, ...row.to } })) : []
  const gone = [...changes.filter(({ to }) => to === null), ...replaced]
  const made = [...changes.filter(({ from }) => from === null), ...replaced]
  if (gone.length > 0)
    await actor.run({
      text: `delete from ${qualified(table.schema, table.table)} t using ${wantedKeys(table)} where ${sameKey(table)}`,
      values: [JSON.stringify(gone.map(({ key }) => key))],
    })
  if (!mode.replaces && changed.length > 0) await update(actor, table, changed)
  // Rows whose images name other columns are written apart: what an image does not name gets its default.
  for (const some of groupedByColumns(made)) await insert(actor, table, some)
}

const writable = (table: KeyedTable, named: ReadonlySet<string>): readonly ImageColumn[] =>
  table.columns.filter(({ name, generated }) => generated === '' && named.has(name))

/** Only columns that differ in one of the rows: an identity that is always generated may not even be set to what it is. */
async function update(actor: Actor, table: KeyedTable, changes: readonly RowChange[]): Promise<void> {
  const differing = new Set(
    changes.flatMap(({ from, to }) => Object.keys(to ?? {}).filter((name) => from?.[name] !== to?.[name])),
  )
  const columns = writable(table, differing)
  if (columns.length === 0) return
  const sets = columns.map(({ name, type }) => `${identifier(name)} = (r.image ->> ${literal(name)})::${type}`)
  const typeOf = new Map(table.columns.map(({ name, type }) => [name, type]))
  const same = table.key.map(
    (name) => `t.${identifier(name)} = (r.image ->> ${literal(name)})::${typeOf.get(name) ?? 'text'}`,
  )
  await actor.run({
    text: `update ${qualified(table.schema, table.table)} t set ${sets.join(', ')}
      from (select value as image from jsonb_array_elements($1::jsonb) offset 0) r where ${same.join(' and ')}`,
    values: [JSON.stringify(changes.map(({ from, to }) => ({ ...from, ...to })))],
  })
}

async function insert(actor: Actor, table: KeyedTable, changes: readonly RowChange[]): Promise<void> {
  const columns = writable(table, new Set(Object.keys(changes[0]?.to ?? {})))
  const names = columns.map(({ name }) => identifier(name)).join(', ')
  const values = columns.map(({ name, type }) => `(r.image ->> ${literal(name)})::${type}`).join(', ')
  await actor.run({
    text: `insert into ${qualified(table.schema, table.table)} (${names}) overriding system value
      select ${values} from (select value as image from jsonb_array_elements($1::jsonb) offset 0) r`,
    values: [JSON.stringify(changes.map(({ to }) => to))],
  })
}

function groupedByColumns(changes: readonly RowChange[]): readonly (readonly RowChange[])[] {
  const groups = new Map<string, RowChange[]>()
  for (const change of changes) {
    const names = Object.keys(change.to ?? {})
      .sort()
      .join('\n')
    groups.set(names, [...(groups.get(names) ?? []), change])
  }
  return [...groups.values()]
}

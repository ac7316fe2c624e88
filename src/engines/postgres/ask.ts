import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { FactKey, PostgresFacts } from '../../core/facts/postgres/index.ts'
import type { Observation, Unseen } from '../../core/observation.ts'
import { seen, unseen } from '../../core/observation.ts'
import type { LinkFailure } from './failure.ts'
import { failureToUnseen } from './failure.ts'
import type { ReaderSession } from './reader-session.ts'
import type { Reader } from './reader.ts'
import { grantTo } from './reader.ts'
import type { Limits, Statement } from './session.ts'

/** What came back for some facts, before it was read. */
export interface Asked {
  readonly raws: Map<FactKey, unknown>
  readonly failed: Map<FactKey, Unseen>
  /** Of the first statement. */
  readonly tookMs: number
  /** How long it waited for its turn. */
  readonly waitedMs: number
}

const row = z.object({ sample: z.array(z.unknown()) })

/** A name for each set of facts: a session prepares it once. Names have 63 bytes at most. */
const nameOf = (readers: readonly Reader[]): string =>
  createHash('sha256')
    .update(readers.map(({ key, variant }) => `${key} ${variant}`).join(','))
    .digest('hex')
    .slice(0, 16)

/** Some dozens of sets of facts are asked, each every second of every node: what they are put together to is kept. */
const statements = new Map<string, Statement>()

function statementOf(readers: readonly Reader[], versionNum: number): Statement {
  const set = `${versionNum} ${readers.map(({ key, variant }) => `${key} ${variant}`).join(',')}`
  const known = statements.get(set)
  if (known) return known
  const made = {
    name: `am ${readers.length} ${nameOf(readers)}`,
    text: `select json_build_array(${readers.map((reader) => reader.sql(versionNum)).join(',\n')}) as sample`,
  }
  statements.set(set, made)
  return made
}

/** How long a fact that this role or version cannot give is left out, so that the others still come in one round trip. */
const leaveOutMs = 60_000

/** It lies in one of the statements, and not in the connection, or in a server too slow to be asked more. */
const isOurs = ({ code }: LinkFailure, { session }: ReaderSession): boolean => session.lost === null && code !== '57014'

const isLasting = ({ why }: LinkFailure): boolean => why !== 'timed-out'

/** What this version does not have, and what this role was not granted: known before it is asked for. */
async function cannot(
  readers: readonly Reader[],
  { session, hello }: ReaderSession,
  limits: Limits,
): Promise<Map<FactKey, Unseen>> {
  const why = new Map<FactKey, Unseen>()
  const major = Math.floor(hello.versionNum / 10_000)
  for (const { key, versions } of readers)
    if (major < versions[0])
      why.set(
        key,
        unseen(
          'not-in-this-version',
          `PostgreSQL ${major} does not tell it`,
          `use PostgreSQL ${versions[0]} or later to see it`,
        ),
      )
  const guarded = readers.flatMap(({ key, granted }) => (granted && !why.has(key) ? [{ key, granted }] : []))
  if (guarded.length === 0) return why
  const text = `select json_build_array(${guarded.map(({ granted }) => granted.sql).join(', ')}) as sample`
  const answer = await session.run({ text }, limits)
  // Whatever is wrong with the session shows in what is asked next.
  const may = answer.ok ? row.parse(answer.rows[0]).sample : []
  guarded.forEach(({ key, granted }, i) => {
    if (may[i] === false) why.set(key, grantTo(granted, hello))
  })
  return why
}

/** Asks for several facts in one round trip; where one of them fails, for each of its own. `values`: for a page, where it begins. */
export async function ask(
  readers: readonly Reader[],
  reader: ReaderSession,
  limits: Limits,
  values: readonly number[] = [],
): Promise<Asked> {
  const { session, hello, leftOut } = reader
  const raws = new Map<FactKey, unknown>()
  const failed = await cannot(readers, reader, limits)
  const asked = readers.filter(({ key }) => {
    const out = leftOut.get(key)
    if (out && performance.now() < out.until && !failed.has(key)) failed.set(key, out.why)
    return !failed.has(key)
  })
  if (asked.length === 0) return { raws, failed, tookMs: 0, waitedMs: 0 }
  const all = await session.run({ ...statementOf(asked, hello.versionNum), values }, limits)
  if (all.ok) {
    const { sample } = row.parse(all.rows[0])
    asked.forEach(({ key }, i) => raws.set(key, sample[i]))
    for (const { key } of asked) leftOut.delete(key)
    return { raws, failed, tookMs: all.tookMs, waitedMs: all.waitedMs ?? 0 }
  }
  for (const one of asked) {
    const single =
      asked.length > 1 && isOurs(all.failure, reader)
        ? await session.run({ ...statementOf([one], hello.versionNum), values }, limits)
        : all
    if (single.ok) {
      raws.set(one.key, row.parse(single.rows[0]).sample[0])
      leftOut.delete(one.key)
      continue
    }
    const why = failureToUnseen(single.failure)
    failed.set(one.key, why)
    if (isOurs(single.failure, reader) && isLasting(single.failure))
      leftOut.set(one.key, { why, until: performance.now() + leaveOutMs })
  }
  return { raws, failed, tookMs: 0, waitedMs: 0 }
}

const pageRows = z
  .array(z.tuple([z.number()]).rest(z.unknown()))
  .nullable()
  .transform((rows) => rows ?? [])

/**
 * A fact in pages: no statement takes long, whatever the server holds, and others have their turn in between. What is dropped or
 * made meanwhile may be in it or not; it moves the tick, and is read again.
 */
export async function askPages(reader: Reader, from: ReaderSession, limits: Limits): Promise<Asked> {
  const rows: unknown[] = []
  let tookMs = 0
  for (let after = 0; ;) {
    const asked = await ask([reader], from, limits, [after])
    tookMs += asked.tookMs
    const page = pageRows.safeParse(asked.raws.get(reader.key))
    // Not answered, or not understood: `readFact` says which.
    if (!page.success) return { ...asked, tookMs }
    rows.push(...page.data)
    after = page.data.reduce((most, [first]) => Math.max(most, first), after)
    if (page.data.length < (reader.page ?? Infinity)) return { ...asked, raws: new Map([[reader.key, rows]]), tookMs }
  }
}

const isUnseen = (value: PostgresFacts[FactKey] | Unseen): value is Unseen => 'seen' in value && value.seen === false

/** The fact of one reader. What it looks at beside its own has to be there too. */
export function readFact(
  reader: Reader,
  { raws, failed }: Asked,
  from: ReaderSession,
  atMs: number,
): Observation<PostgresFacts[FactKey]> {
  for (const key of [reader.key, ...reader.uses]) {
    // What was not asked this time may be what this role cannot see.
    const why = failed.get(key) ?? (raws.has(key) ? undefined : from.leftOut.get(key)?.why)
    if (why) return why
  }
  const context = { hello: from.hello, names: from.names, slots: from.slots, raw: (other: FactKey) => raws.get(other) }
  try {
    const value = reader.read(raws.get(reader.key), context)
    return isUnseen(value) ? value : seen(atMs, value)
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    // A server that answers in another form than all that we know must not end the watching of what we do understand.
    return unseen(
      'not-in-this-version',
      `${reader.key}: not understood: ${z.prettifyError(error)}`,
      'report this with the version of the server',
    )
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Unchecked } from '../core/finding.ts'
import { unseen, type Unseen } from '../core/observation.ts'
import { subject } from '../core/subject.ts'
import { readAbilities, type Abilities } from '../engines/postgres/integrity/abilities.ts'
import { readIndexCheck } from '../engines/postgres/integrity/index-check.ts'
import { readObjects, type DoubtfulObjects } from '../engines/postgres/integrity/objects.ts'
import { findOrphans } from '../engines/postgres/integrity/orphans.ts'
import { readRelations, type Relation } from '../engines/postgres/integrity/relations.ts'
import { failureToUnseen } from '../engines/postgres/index.ts'
import { ReadFailed, type NodeReader } from '../engines/postgres/rows/node-reader.ts'
import { isBusy, isDamaged, patiently, saidBy } from './failures.ts'
import type { IndexLook, NodeLook, OrphansLook, TableLook } from './looks.ts'
import type { Pace } from './pace.ts'
import { lookAtTable } from './table.ts'
import { missing } from './missing.ts'

const limits = {
  vacuumMs: { default: 1_500, unit: 'ms', why: 'between the two writes of a vacuum lies a fraction of a second' },
} as const

export interface Sweep {
  readonly pace: Pace
  readonly signal: AbortSignal
  readonly progress: (words: string) => void
  readonly wants: (schema: string, table: string) => boolean
}

/** Looks at the files of one node, at its indexes, and at what its catalog promises. What could not be looked at is in `blind`. */
export async function lookAtNode(reader: NodeReader, isPrimary: boolean, sweep: Sweep): Promise<NodeLook | Unseen> {
  const { pace, signal, progress } = sweep
  let abilities: Abilities
  let relations: readonly Relation[]
  try {
    abilities = await readAbilities(reader, signal)
    relations = await pace.run(async () => readRelations(reader, signal))
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error
    return failureToUnseen(error.failure)
  }
  const node = reader.name
  const blind: Unchecked[] = missing(node, abilities, relations)
  const wanted = relations.filter((relation) => sweep.wants(relation.schema, relation.table))
  const tables: TableLook[] = []
  for (const table of wanted) {
    // A standby has the rows of no unlogged table.
    if (table.kind !== 'r' || (abilities.isInRecovery && table.persistence === 'u')) continue
    progress(`${node}: pages of ${table.schema}.${table.name}`)
    const look = await lookAtTable(reader, table, abilities, sweep)
    tables.push(...look.tables)
    blind.push(...look.blind)
  }
  const lengths = await settledLengths(reader, tables, sweep, blind)
  const indexes = await lookAtIndexes(reader, abilities, wanted, sweep, blind)
  const objects = await readOrBlind(reader, blind, async () =>
    pace.run(async () => readObjects(reader, abilities.versionNum, signal)),
  )
  const orphans = isPrimary && objects ? await lookForOrphans(reader, objects, relations, sweep, blind) : []
  return { node, abilities, tables: lengths, indexes, objects, orphans, blind }
}

/** A vacuum makes a file shorter a moment before it writes the catalog: what is too short is looked at once more. */
async function settledLengths(
  reader: NodeReader,
  tables: readonly TableLook[],
  { pace, signal }: Sweep,
  blind: Unchecked[],
): Promise<readonly TableLook[]> {
  if (tables.every(({ blocks, pages }) => blocks >= pages)) return tables
  await sleep(limits.vacuumMs.default, undefined, { signal })
  const now = await readOrBlind(reader, blind, async () => pace.run(async () => readRelations(reader, signal)))
  return tables.map((table) => {
    const again = now?.find(({ kind, schema, name }) => kind === 'r' && schema === table.schema && name === table.table)
    const isSettled = again !== undefined && again.blocks === table.blocks && again.pages === table.pages
    return table.blocks >= table.pages || isSettled ? table : { ...table, pages: 0 }
  })
}

async function readOrBlind<T>(reader: NodeReader, blind: Unchecked[], read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error
    blind.push({ check: 'integrity/not-validated-constraint', node: reader.name, ...failureToUnseen(error.failure) })
    return null
  }
}

/** The primary key first: with it rows are found, and compared. */
async function lookAtIndexes(
  reader: NodeReader,
  { amcheck, checkIndex: ability, isInRecovery }: Abilities,
  relations: readonly Relation[],
  { pace, signal, progress }: Sweep,
  blind: Unchecked[],
): Promise<readonly IndexLook[]> {
  if (amcheck === null || ability?.may !== true) return []
  const found: IndexLook[] = []
  for (const { kind, schema, name, table, isValid, persistence } of relations) {
    if (kind !== 'i' || !isValid || (isInRecovery && persistence === 'u')) continue
    progress(`${reader.name}: index ${schema}.${name}`)
    try {
      await patiently(signal, async () =>
        pace.run(async () => readIndexCheck(reader, amcheck, { schema, index: name }, signal)),
      )
      found.push({ schema, index: name, table, problem: null })
    } catch (error) {
      if (!(error instanceof ReadFailed)) throw error
      if (isDamaged(error)) found.push({ schema, index: name, table, problem: saidBy(error) })
      // Dropped meanwhile, it is no concern of ours.
      else if (error.failure.code !== '42P01')
        blind.push({
          check: 'integrity/amcheck',
          node: reader.name,
          subjects: [subject.index(reader.name, schema, name)],
          ...(isBusy(error)
            ? unseen(
                'timed-out',
                `index ${schema}.${name} was locked or took too long: ${saidBy(error)}`,
                'Look again when it is idle.',
              )
            : failureToUnseen(error.failure)),
        })
    }
  }
  return found
}

/** Of a partitioned table the blocks of all parts. */
const everyBlock = 4_294_967_293

async function lookForOrphans(
  reader: NodeReader,
  { foreignKeys }: DoubtfulObjects,
  relations: readonly Relation[],
  { pace, signal, progress, wants }: Sweep,
  blind: Unchecked[],
): Promise<readonly OrphansLook[]> {
  const found: OrphansLook[] = []
  for (const key of foreignKeys) {
    if (!wants(key.schema, key.table)) continue
    progress(`${reader.name}: ${key.name} of ${key.schema}.${key.table}`)
    const blocks = relations.find(
      ({ kind, schema, name }) => kind === 'r' && schema === key.schema && name === key.table,
    )?.blocks
    let orphans = 0
    let some: string[] = []
    const step = blocks === undefined ? everyBlock : 5_000
    try {
      for (let from = 0; from < (blocks ?? 1); from += step) {
        const part = await patiently(signal, async () =>
          pace.run(async () => findOrphans(reader, key, { from, to: from + step - 1 }, signal)),
        )
        orphans += part.orphans
        some = [...some, ...part.some].slice(0, 3)
      }
      if (orphans > 0) found.push({ key, orphans, some })
    } catch (error) {
      if (!(error instanceof ReadFailed)) throw error
      blind.push({
        check: 'integrity/fk-orphans',
        node: reader.name,
        subjects: [subject.table(reader.name, key.schema, key.table)],
        ...failureToUnseen(error.failure),
        detail: `foreign key ${key.name} of ${key.schema}.${key.table}: ${saidBy(error)}`,
      })
    }
  }
  return found
}

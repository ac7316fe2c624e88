import { setTimeout as sleep } from 'node:timers/promises'
import type { Unchecked } from '../core/finding.ts'
import type { Unseen } from '../core/observation.ts'
import { subject } from '../core/subject.ts'
import { readAbilities, type Abilities } from '../engines/postgres/integrity/abilities.ts'
import { readObjects, type DoubtfulObjects } from '../engines/postgres/integrity/objects.ts'
import { findOrphans } from '../engines/postgres/integrity/orphans.ts'
import { readRelations, type Relation } from '../engines/postgres/integrity/relations.ts'
import { failureToUnseen } from '../engines/postgres/index.ts'
import type { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { patiently, saidBy } from './failures.ts'
import { lookAtIndexes } from './indexes.ts'
import type { NodeLook, OrphansLook, TableLook } from './looks.ts'
import { lookAtTable } from './table.ts'
import { missing } from './missing.ts'

const limits = {
  vacuumMs: { default: 1_500, unit: 'ms', why: 'between the two writes of a vacuum lies a fraction of a second' },
} as const

export interface Sweep {
  readonly signal: AbortSignal
  readonly progress: (words: string) => void
  readonly wants: (schema: string, table: string) => boolean
}

/** Looks at the files of one node, at its indexes, and at what its catalog promises. What could not be looked at is in `blind`. */
export async function lookAtNode(reader: PacedNode, isPrimary: boolean, sweep: Sweep): Promise<NodeLook | Unseen> {
  const { signal, progress } = sweep
  let abilities: Abilities
  let relations: readonly Relation[]
  try {
    abilities = await readAbilities(reader, signal)
    relations = await reader.inTurn(signal, async () => readRelations(reader, signal))
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error
    return failureToUnseen(error.failure)
  }
  const node = reader.name
  const wanted = relations.filter((relation) => sweep.wants(relation.schema, relation.table))
  const blind: Unchecked[] = missing(node, abilities, wanted)
  const short = await shortFiles(reader, wanted, sweep, blind)
  const tables: TableLook[] = []
  for (const table of wanted) {
    // A standby has the rows of no unlogged table.
    if (table.kind !== 'r' || (abilities.isInRecovery && table.persistence === 'u')) continue
    progress(`${node}: pages of ${table.schema}.${table.name}`)
    const look = await lookAtTable(reader, { ...table, isShort: short.has(table.oid) }, abilities, sweep)
    tables.push(...look.tables)
    blind.push(...look.blind)
  }
  const indexes = await lookAtIndexes(reader, abilities, wanted, { ...sweep, short, blind })
  const objects = await readOrBlind(reader, blind, async () =>
    reader.inTurn(signal, async () => readObjects(reader, abilities.versionNum, signal)),
  )
  const orphans = isPrimary && objects ? await lookForOrphans(reader, objects, relations, sweep, blind) : []
  return { node, abilities, tables, indexes, objects, orphans, blind }
}

/**
 * Files that are shorter than the catalog has counted. A vacuum makes a file shorter a moment before it writes the catalog, and
 * so does a rebuild: what is too short is looked at once more. After a crash an unlogged file is empty, whatever was counted.
 */
async function shortFiles(
  reader: PacedNode,
  relations: readonly Relation[],
  { signal }: Sweep,
  blind: Unchecked[],
): Promise<ReadonlySet<string>> {
  const suspects = relations.filter(({ blocks, pages, persistence }) => persistence !== 'u' && blocks < pages)
  if (suspects.length === 0) return new Set()
  await sleep(limits.vacuumMs.default, undefined, { signal })
  const now = await readOrBlind(reader, blind, async () =>
    reader.inTurn(signal, async () => readRelations(reader, signal)),
  )
  const isStill = ({ oid, blocks, pages }: Relation): boolean =>
    now?.some((again) => again.oid === oid && again.blocks === blocks && again.pages === pages) === true
  return new Set(suspects.filter(isStill).map(({ oid }) => oid))
}

async function readOrBlind<T>(reader: PacedNode, blind: Unchecked[], read: () => Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error
    blind.push({ check: 'integrity/not-validated-constraint', node: reader.name, ...failureToUnseen(error.failure) })
    return null
  }
}

/** Of a partitioned table the blocks of all parts. */
const everyBlock = 4_294_967_293

async function lookForOrphans(
  reader: PacedNode,
  { foreignKeys }: DoubtfulObjects,
  relations: readonly Relation[],
  { signal, progress, wants }: Sweep,
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
          reader.inTurn(signal, async () => findOrphans(reader, key, { from, to: from + step - 1 }, signal)),
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

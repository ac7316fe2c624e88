import type { Unchecked } from '../core/finding.ts'
import { unseen } from '../core/observation.ts'
import { subject } from '../core/subject.ts'
import type { Abilities } from '../engines/postgres/integrity/abilities.ts'
import { readIndexCheck, type CheckedMethod } from '../engines/postgres/integrity/index-check.ts'
import type { Relation } from '../engines/postgres/integrity/relations.ts'
import { failureToUnseen } from '../engines/postgres/index.ts'
import type { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { isBusy, isDamaged, patiently, saidBy } from './failures.ts'
import type { IndexLook } from './looks.ts'
import type { Sweep } from './node.ts'

/** How amcheck can look into this kind of index here; null: not at all. */
export function checkedAs(method: string, { checkIndex, checkGin }: Abilities): CheckedMethod | null {
  if (method === 'btree') return checkIndex?.may === true ? 'btree' : null
  return method === 'gin' && checkGin?.may === true ? 'gin' : null
}

interface Looking extends Sweep {
  /** Files that are shorter than the catalog has counted, by oid. */
  readonly short: ReadonlySet<string>
  readonly blind: Unchecked[]
}

/** The primary key first: with it rows are found, and compared. What cannot be looked into is told by `missing`. */
export async function lookAtIndexes(
  reader: PacedNode,
  abilities: Abilities,
  relations: readonly Relation[],
  { signal, progress, short, blind }: Looking,
): Promise<readonly IndexLook[]> {
  const { amcheck, isInRecovery } = abilities
  const found: IndexLook[] = []
  for (const relation of relations) {
    const { kind, schema, name, table, method, isValid, persistence, blocks, pages } = relation
    if (kind !== 'i' || !isValid || (isInRecovery && persistence === 'u')) continue
    const look = { schema, index: name, table, method }
    // A page that an index was given and that was never written is counted, and WAL tells no standby of it.
    if (short.has(relation.oid) && !isInRecovery) {
      const problem = `its file has ${blocks} blocks, and the catalog has counted ${pages}`
      found.push({ ...look, by: 'file-length', problem })
      continue
    }
    const checked = checkedAs(method, abilities)
    if (amcheck === null || checked === null) continue
    progress(`${reader.name}: index ${schema}.${name}`)
    try {
      await patiently(signal, async () =>
        reader.inTurn(signal, async () =>
          readIndexCheck(reader, amcheck, { schema, index: name, method: checked }, signal),
        ),
      )
      found.push({ ...look, by: 'amcheck', problem: null })
    } catch (error) {
      if (!(error instanceof ReadFailed)) throw error
      if (isDamaged(error)) found.push({ ...look, by: 'amcheck', problem: saidBy(error) })
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

import type { Unchecked } from '../core/finding.ts'
import { unseen } from '../core/observation.ts'
import { subject } from '../core/subject.ts'
import type { Abilities } from '../engines/postgres/integrity/abilities.ts'
import {
  checkHeap,
  readBlocks,
  zeroPages,
  type Blocks,
  type HeapProblem,
} from '../engines/postgres/integrity/heap-check.ts'
import type { Relation } from '../engines/postgres/integrity/relations.ts'
import { failureToUnseen } from '../engines/postgres/index.ts'
import { ReadFailed, type NodeReader } from '../engines/postgres/rows/node-reader.ts'
import { isBusy, isDamaged, patiently, saidBy } from './failures.ts'
import type { TableLook } from './looks.ts'
import type { Sweep } from './node.ts'

const limits = {
  blocks: { default: 2_000, unit: 'blocks', why: '16 MB: a fifth of a second, and replay is not held up' },
  mostBad: { default: 200, unit: 'blocks', why: 'more are a lost file: to list them helps nobody' },
} as const

interface Seen {
  read: number
  readonly unreadable: number[]
  words: string | null
  readonly zero: number[]
  readonly problems: HeapProblem[]
}

/** Page by page, in ranges that are halved around what cannot be read. */
export async function lookAtTable(
  reader: NodeReader,
  relation: Relation,
  abilities: Abilities,
  sweep: Pick<Sweep, 'pace' | 'signal'>,
): Promise<{ readonly tables: readonly TableLook[]; readonly blind: readonly Unchecked[] }> {
  const { schema, name, blocks, pages } = relation
  const { amcheck, checkHeap: ability, pageinspect, isSuperuser } = abilities
  const { pace, signal } = sweep
  const byAmcheck = amcheck !== null && ability?.may === true
  if (!byAmcheck && !relation.isReadable) return { tables: [], blind: [] }
  const seen: Seen = { read: 0, unreadable: [], words: null, zero: [], problems: [] }
  const blind: Unchecked[] = []
  const look = async (range: Blocks): Promise<void> => {
    if (amcheck !== null && byAmcheck)
      seen.problems.push(...(await checkHeap(reader, amcheck, relation, range, signal)))
    else await readBlocks(reader, relation, range, signal)
    if (pageinspect !== null && isSuperuser)
      seen.zero.push(...(await zeroPages(reader, pageinspect, relation, range, signal)))
  }
  const part = async (range: Blocks): Promise<void> => {
    const { from, to } = range
    if (seen.unreadable.length >= limits.mostBad.default) return
    try {
      await patiently(signal, async () => pace.run(async () => look(range)))
      seen.read += to - from + 1
    } catch (error) {
      if (!(error instanceof ReadFailed) || !isDamaged(error)) throw error
      seen.words ??= saidBy(error)
      if (from === to) {
        seen.unreadable.push(from)
        seen.read += 1
        return
      }
      const middle = Math.floor((from + to) / 2)
      await part({ from, to: middle })
      await part({ from: middle + 1, to })
    }
  }
  try {
    for (let from = 0; from < blocks; from += limits.blocks.default)
      await part({ from, to: Math.min(blocks, from + limits.blocks.default) - 1 })
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error
    if (error.failure.code === '42P01') return { tables: [], blind: [] }
    const why = isBusy(error)
      ? unseen(
          'timed-out',
          `${schema}.${name} was locked or took too long: ${saidBy(error)}`,
          'Look again when it is idle.',
        )
      : failureToUnseen(error.failure)
    blind.push({
      check: 'integrity/unreadable-blocks',
      node: reader.name,
      subjects: [subject.table(reader.name, schema, name)],
      ...why,
    })
  }
  const { read, unreadable, words, zero, problems } = seen
  return {
    tables: [
      {
        schema,
        table: name,
        blocks,
        // After a crash an unlogged table is empty, whatever the catalog has counted.
        pages: relation.persistence === 'u' ? 0 : pages,
        read,
        by: byAmcheck ? 'amcheck' : 'reading',
        unreadable,
        words,
        zero,
        problems,
      },
    ],
    blind,
  }
}

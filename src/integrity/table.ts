import type { Unchecked } from '../core/finding.ts'
import { unseen } from '../core/observation.ts'
import { subject } from '../core/subject.ts'
import type { Abilities } from '../engines/postgres/integrity/abilities.ts'
import {
  checkHeap,
  readBlocks,
  shownAgainstHeaders,
  zeroPages,
  type Blocks,
  type HeapProblem,
} from '../engines/postgres/integrity/heap-check.ts'
import type { Relation } from '../engines/postgres/integrity/relations.ts'
import { readWronglyMapped } from '../engines/postgres/integrity/visibility.ts'
import { failureToUnseen } from '../engines/postgres/index.ts'
import type { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { isBusy, isDamaged, patiently, saidBy } from './failures.ts'
import type { TableLook } from './looks.ts'
import { canLookAtMap } from './missing.ts'
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
  readonly mismapped: string[]
}

/** Page by page, in ranges that are halved around what cannot be read. */
export async function lookAtTable(
  reader: PacedNode,
  relation: Relation & { readonly isShort: boolean },
  abilities: Abilities,
  { signal }: Pick<Sweep, 'signal'>,
): Promise<{ readonly tables: readonly TableLook[]; readonly blind: readonly Unchecked[] }> {
  const { schema, name, blocks, pages } = relation
  const { amcheck, checkHeap: ability, pageinspect, isSuperuser, isInRecovery } = abilities
  const byAmcheck = amcheck !== null && ability?.may === true
  if (!byAmcheck && !relation.isReadable) return { tables: [], blind: [] }
  const seen: Seen = { read: 0, unreadable: [], words: null, zero: [], problems: [], mismapped: [] }
  const blind: Unchecked[] = []
  const look = async (range: Blocks): Promise<void> => {
    if (amcheck !== null && byAmcheck)
      seen.problems.push(...(await checkHeap(reader, amcheck, relation, range, signal)))
    else await readBlocks(reader, relation, range, signal)
    // The map tells it as well, and whatever else it promises wrongly.
    if (relation.isReadable && !isInRecovery && !canLookAtMap(abilities))
      seen.mismapped.push(...(await shownAgainstHeaders(reader, relation, range, signal)))
    if (pageinspect !== null && isSuperuser)
      seen.zero.push(...(await zeroPages(reader, pageinspect, relation, range, signal)))
  }
  const part = async (range: Blocks): Promise<void> => {
    const { from, to } = range
    if (seen.unreadable.length >= limits.mostBad.default) return
    try {
      await patiently(signal, async () => reader.inTurn(signal, async () => look(range)))
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
    blind.push(notLookedAt('integrity/unreadable-blocks', reader.name, relation, error))
  }
  const { read, unreadable, words, zero, problems } = seen
  const mismapped = [...seen.mismapped, ...(await lookAtMap(reader, relation, abilities, { signal, blind }))]
  return {
    tables: [
      {
        schema,
        table: name,
        blocks,
        pages: relation.isShort ? pages : Math.min(pages, blocks),
        read,
        by: byAmcheck ? 'amcheck' : 'reading',
        unreadable,
        words,
        zero,
        problems,
        mismapped,
      },
    ],
    blind,
  }
}

/** Is the visibility map right? A table that is damaged is told as that by whoever reads its pages. */
async function lookAtMap(
  reader: PacedNode,
  relation: Relation,
  abilities: Abilities,
  { signal, blind }: { readonly signal: AbortSignal; readonly blind: Unchecked[] },
): Promise<readonly string[]> {
  const { visibility } = abilities
  if (visibility === null || !canLookAtMap(abilities)) return []
  try {
    return await patiently(signal, async () =>
      reader.inTurn(signal, async () => readWronglyMapped(reader, visibility, relation, signal)),
    )
  } catch (error) {
    if (!(error instanceof ReadFailed)) throw error
    if (error.failure.code !== '42P01' && !isDamaged(error))
      blind.push(notLookedAt('integrity/visibility-map', reader.name, relation, error))
    return []
  }
}

function notLookedAt(check: string, node: string, { schema, name }: Relation, error: ReadFailed): Unchecked {
  const why = isBusy(error)
    ? unseen(
        'timed-out',
        `${schema}.${name} was locked or took too long: ${saidBy(error)}`,
        'Look again when it is idle.',
      )
    : failureToUnseen(error.failure)
  return { check, node, subjects: [subject.table(node, schema, name)], ...why }
}

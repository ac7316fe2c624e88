import type { TableReport } from '../core/verification.ts'
import type { ListedSequence, SequenceInventory } from '../engines/postgres/rows/list-sequences.ts'
import { listSequences } from '../engines/postgres/rows/list-sequences.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import type { Pair } from '../rows/fence.ts'
import { takeFence, waitFence } from '../rows/fence.ts'
import { tableName } from './names.ts'
import type { NodePair, NotCovered } from './pairs.ts'

const limits = {
  rounds: { default: 3, unit: 'rounds', why: 'one that is set back and forth meanwhile is not behind in all of them' },
} as const

/** One round: where the sequences stood on the primary, behind a fence on the standby, and on the primary again. */
export interface SequenceRound {
  readonly before: readonly ListedSequence[]
  readonly target: readonly ListedSequence[]
  readonly after: readonly ListedSequence[]
}

export interface BehindSequence {
  readonly schema: string
  readonly name: string
  readonly left: string
  readonly right: string | null
}

const nameOf = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
  tableName({ schema, table: name })

/**
 * Sequences that the standby has not brought as far as the primary had them before the fence. It is ahead by design: WAL
 * carries the next 32 values at once. One that was set back on the primary meanwhile tells nothing.
 */
export function behind({ before, target, after }: SequenceRound): readonly BehindSequence[] {
  const there = new Map(target.map((sequence) => [nameOf(sequence), sequence]))
  const later = new Map(after.map((sequence) => [nameOf(sequence), sequence]))
  return before.flatMap((sequence): BehindSequence[] => {
    const { schema, name, lastValue: left, falling } = sequence
    const [here, last] = [there.get(nameOf(sequence)), later.get(nameOf(sequence))]
    if (left === null || !here?.readable || last?.lastValue == null) return []
    const sign = falling ? -1n : 1n
    const ahead = (a: string, b: string): boolean => BigInt(a) * sign >= BigInt(b) * sign
    if (!ahead(last.lastValue, left)) return []
    if (here.lastValue !== null && ahead(here.lastValue, left)) return []
    return [{ schema, name, left, right: here.lastValue }]
  })
}

export interface SequencesFound {
  readonly tables: readonly TableReport[]
  readonly notCovered: readonly NotCovered[]
}

export interface Waiting {
  readonly passive: boolean
  readonly fenceMs: number
  readonly clock: () => number
  readonly signal: AbortSignal
}

/** Looks at the sequences of a physical pair. Only one that is behind in every round is told. */
export async function verifySequences(
  nodes: NodePair,
  pair: Pair,
  { passive, fenceMs, clock, signal }: Waiting,
): Promise<SequencesFound> {
  const what = `${nodes.left} → ${nodes.right}: sequences`
  const startedAt = performance.now()
  try {
    let left = await listSequences(pair.source, signal)
    const hidden = hiddenOf(left, nodes.left)
    let suspects: readonly BehindSequence[] = []
    for (let round = 0; round < limits.rounds.default; round += 1) {
      const fence = await takeFence(pair.source, signal)
      const wait = await waitFence(pair, fence, { deadlineMs: fenceMs, passive, signal })
      if (!wait.reached) return { tables: [], notCovered: [...hidden, { what, why: wait.why }] }
      const { sequences: target } = await listSequences(pair.target, signal)
      const after = await listSequences(pair.source, signal)
      const found = behind({ before: left.sequences, target, after: after.sequences })
      const names = new Set(suspects.map(nameOf))
      suspects = round === 0 ? found : found.filter((each) => names.has(nameOf(each)))
      left = after
      if (suspects.length === 0) break
    }
    const end = { ms: Math.round(performance.now() - startedAt), atMs: clock() }
    return { tables: suspects.map((each) => reportOf(each, end)), notCovered: hidden }
  } catch (error) {
    if (signal.aborted) return { tables: [], notCovered: [{ what, why: 'interrupted' }] }
    if (!(error instanceof ReadFailed)) throw error
    return { tables: [], notCovered: [{ what, why: error.message }] }
  }
}

function hiddenOf({ role, sequences }: SequenceInventory, node: string): readonly NotCovered[] {
  const schemas = [...new Set(sequences.filter(({ readable }) => !readable).map(({ schema }) => schema))]
  return schemas.map((schema) => ({
    what: `sequences of schema ${schema}`,
    why: `on ${node}: grant select on all sequences in schema "${schema.replaceAll('"', '""')}" to ${role};`,
  }))
}

const reportOf = (
  { schema, name, left, right }: BehindSequence,
  { ms, atMs }: { readonly ms: number; readonly atMs: number },
): TableReport => ({
  table: `sequence ${nameOf({ schema, name })}`,
  verdict: 'divergent',
  rows: 1,
  chunks: 1,
  coverage: 1,
  oldestVerifiedMs: atMs,
  differing: [
    { key: [], kind: 'changed', columns: ['last_value'], left: { last_value: left }, right: { last_value: right } },
  ],
  more: false,
  unsettled: 0,
  healed: 0,
  ms,
  detail: `it stands at ${right ?? 'its start'} where it should have reached ${left}`,
  remedy: 'A physical copy that has lost this has lost more: look at its other tables, and clone it anew.',
})

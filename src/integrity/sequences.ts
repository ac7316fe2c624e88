import type { Unchecked } from '../core/finding.ts'
import { unseen } from '../core/observation.ts'
import type { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import { readSequences, type SequenceState } from '../engines/postgres/integrity/sequences.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { takeFence, waitFence } from '../rows/fence.ts'
import type { SequenceLook } from './looks.ts'

const limits = {
  ahead: { default: 32n, unit: 'values', why: 'WAL carries so many at once (SEQ_LOG_VALS of commands/sequence.c)' },
  rounds: { default: 3, unit: 'rounds', why: 'one that is set back meanwhile is not so in all of them' },
  fenceMs: { default: 30_000, unit: 'ms', why: 'a standby that is further behind has nothing to say' },
} as const

/** Sequences that a standby, behind a fence, has been told of further than the primary could have brought them. Pure. */
export function setBack(
  there: readonly SequenceState[],
  here: readonly SequenceState[],
  standby: string,
): readonly SequenceLook[] {
  return there.flatMap(({ schema, name, last, increment }): SequenceLook[] => {
    const own = here.find((each) => each.schema === schema && each.name === name)
    if (last === null || own?.may !== true || own.increment !== increment) return []
    const step = BigInt(increment)
    // Before its first use it stands nowhere, and WAL knows nothing of it either.
    const ahead = own.last === null ? null : (BigInt(last) - BigInt(own.last)) / step
    return ahead !== null && ahead <= limits.ahead.default
      ? []
      : [{ schema, name, standby, here: own.last, there: last }]
  })
}

interface Asking {
  readonly passive: boolean
  readonly wants: (schema: string, name: string) => boolean
  readonly signal: AbortSignal
  readonly blind: Unchecked[]
}

/** Only one that is so in every round is told. What may not be read goes to `blind`. */
export async function compareSequences(
  primary: PacedNode,
  standbys: readonly PacedNode[],
  { passive, wants, signal, blind }: Asking,
): Promise<readonly SequenceLook[]> {
  let hidden: readonly SequenceState[] = []
  const found: SequenceLook[] = []
  const read = async (node: PacedNode): Promise<readonly SequenceState[]> =>
    node.inTurn(signal, async () => readSequences(node, signal))
  for (const standby of standbys)
    try {
      let suspects: readonly SequenceLook[] = []
      for (let round = 0; round < limits.rounds.default; round += 1) {
        const pair = { source: primary, target: standby, follows: { kind: 'physical' } } as const
        const options = { deadlineMs: limits.fenceMs.default, passive, signal }
        const wait = await waitFence(pair, await takeFence(primary, signal), options)
        const there = await read(standby)
        // The primary last: what it gave away meanwhile brings it forward only.
        const here = await read(primary)
        hidden = here.filter(({ may, schema, name }) => !may && wants(schema, name))
        const now = wait.reached ? setBack(there, here, standby.name) : []
        suspects =
          round === 0
            ? now
            : now.filter(({ schema, name }) => suspects.some((s) => s.schema === schema && s.name === name))
        if (suspects.length === 0) break
      }
      found.push(...suspects.filter(({ schema, name }) => wants(schema, name)))
    } catch (error) {
      // Who cannot be asked is told of as not seen by the comparison of its tables.
      if (!(error instanceof ReadFailed)) throw error
    }
  if (hidden.length > 0) blind.push(unreadable(primary.name, hidden))
  return found
}

const unreadable = (node: string, hidden: readonly SequenceState[]): Unchecked => ({
  check: 'integrity/sequence-set-back',
  node,
  ...unseen(
    'no-privilege',
    `${hidden.length} sequences may not be read (${hidden
      .slice(0, 5)
      .map(({ schema, name }) => `${schema}.${name}`)
      .join(', ')})`,
    'On the primary: grant select on all sequences in schema SCHEMA to the reading role;',
  ),
})

import { countAt } from '../engines/postgres/integrity/heap-check.ts'
import type { PacedNode } from '../engines/postgres/paced/paced-node.ts'
import { ReadFailed } from '../engines/postgres/rows/node-reader.ts'
import { takeFence, waitFence } from '../rows/fence.ts'
import type { MappedRows, TableLook } from './looks.ts'

const limits = {
  fenceMs: { default: 30_000, unit: 'ms', why: 'a standby that is further behind has nothing to say' },
} as const

interface Asking {
  readonly passive: boolean
  readonly signal: AbortSignal
}

/**
 * A visibility map that promises more than the rows hold is either wrong itself, or right, and the rows have been damaged: then
 * a standby, which has the same rows in the same places, still shows them. Behind a fence, and between two looks at the primary.
 */
export async function readMapped(
  primary: PacedNode,
  standbys: readonly PacedNode[],
  tables: readonly TableLook[],
  { passive, signal }: Asking,
): Promise<readonly MappedRows[]> {
  const found: MappedRows[] = []
  for (const { schema, table, mismapped } of tables) {
    if (mismapped.length === 0) continue
    const shownBy = async (node: PacedNode): Promise<number> =>
      node.inTurn(signal, async () => countAt(node, { schema, name: table }, mismapped, signal))
    for (const standby of standbys)
      try {
        const before = await shownBy(primary)
        const pair = { source: primary, target: standby, follows: { kind: 'physical' } } as const
        const fence = await takeFence(primary, signal)
        const options = { deadlineMs: limits.fenceMs.default, passive, signal }
        if (!(await waitFence(pair, fence, options)).reached) continue
        const there = await shownBy(standby)
        found.push({ schema, table, peer: standby.name, here: Math.max(before, await shownBy(primary)), there })
      } catch (error) {
        // Who cannot be asked has nothing to say: what is told of the map says so.
        if (!(error instanceof ReadFailed)) throw error
      }
  }
  return found
}

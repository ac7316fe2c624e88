import type { Change } from '../../core/change.ts'
import type { RollbackClass } from '../../core/gate.ts'

/** How far all this can be taken back: the worst of the changes, by their kind. Pure. */
export function wayBackOf(changes: readonly Change[]): RollbackClass {
  const classes = changes.map(classOf)
  return (['R3', 'R2', 'R1'] as const).find((each) => classes.includes(each)) ?? 'R0'
}

function classOf({ kind, after, source }: Change): RollbackClass {
  if (kind === 'data') return 'R3'
  // A table or column that is gone took its rows along.
  if (kind === 'schema') return after === null || /(?:^|; )no column /.test(after) ? 'R3' : 'R1'
  // Both connection strings of a subscription are kept, and its slot waits.
  return kind === 'topology' && source !== 'gate' ? 'R2' : 'R1'
}

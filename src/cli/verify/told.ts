import type { VerifyReport } from '../../core/verification.ts'
import { readTold, type ToldTables } from '../../shapes/told.ts'
import type { Store, VerifiedTable } from '../../store/store.ts'
import { toldBy, type ToldTable } from '../../verify/known.ts'

/** Beside the progress of tables, whose names have a schema: one row a pair, however many tables it has. */
const relation = 'told'

/**
 * Keeps what a run has settled, after its progress is forgotten: `status` tells of it. `isAll`: it looked at every table, and
 * what is known of others is of tables that are gone.
 */
export async function keepTold(
  store: Pick<Store, 'saveVerified' | 'verified'>,
  report: VerifyReport,
  { isAll }: { readonly isAll: boolean },
): Promise<void> {
  const { cluster, atMs } = report
  for (const { left, right, tables } of report.pairs) {
    const place: VerifiedTable = { cluster, source: left, target: right, relation }
    const before: ToldTables = readTold((await store.verified(place))?.body) ?? {}
    const meant = new Set(tables.map(({ table }) => table))
    const kept = Object.entries(before).filter(([name]) => !isAll || meant.has(name))
    const told = tables.flatMap((table) => {
      const each = toldBy(table, report)
      return each ? [[table.table, each] as const] : []
    })
    await store.saveVerified(place, { stamp: '', atMs, body: Object.fromEntries([...kept, ...told]) })
  }
}

/** Of all pairs of a cluster. */
export const toldOf = async (store: Pick<Store, 'verifiedOf'>, cluster: string): Promise<readonly ToldTable[]> =>
  (await store.verifiedOf(cluster))
    .filter((row) => row.relation === relation)
    .flatMap(({ source: left, target: right, body }) =>
      Object.entries(readTold(body) ?? {}).map(([name, told]) => ({ left, right, name, ...told })),
    )

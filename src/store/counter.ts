import type { Transaction } from 'kysely'
import type { Tables } from './tables.ts'

/** The last of `count` numbers that are now this transaction's own. Who asks next waits until it has committed. */
export async function take(tx: Transaction<Tables>, name: Tables['counter']['name'], count: number): Promise<number> {
  const { value } = await tx
    .updateTable('counter')
    .set((row) => ({ value: row('value', '+', count) }))
    .where('name', '=', name)
    .returning('value')
    .executeTakeFirstOrThrow()
  return value
}

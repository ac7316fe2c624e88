import type { Statement } from '../session.ts'
import { literal, qualified } from '../rows/sql.ts'

/**
 * `bt_index_check`: reads the index, and with `heapallindexed` looks for each row of the table in it. Takes ACCESS SHARE on
 * both; works on a standby. `schema` is where amcheck is installed.
 */
export const checkIndex = (
  amcheck: string,
  name: { readonly schema: string; readonly index: string },
  heapAllIndexed: boolean,
): Statement => ({
  text: `select ${qualified(amcheck, 'bt_index_check')}(${literal(qualified(name.schema, name.index))}::regclass, ${heapAllIndexed})::text as checked`,
})

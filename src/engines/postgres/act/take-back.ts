import { literal } from '../rows/sql.ts'

/** Rows bear the lower 32 bits of the transaction that wrote them. */
const lower = (xid: string): string => String(BigInt(xid) % 4_294_967_296n)

/**
 * Drops a table that a change has made. With `xids`: only while every row in it is of these transactions; the lock is taken
 * first, so that nobody writes between the look and the end. One that is gone already is not missed.
 */
export function dropOwnTable(table: string, xids: readonly string[] | null): string {
  const guard =
    xids === null
      ? ''
      : `lock table ${table} in access exclusive mode;
    if exists (select from ${table} where xmin::text <> all (array[${xids.map((xid) => literal(lower(xid))).join(', ')}]::text[])) then
      raise exception 'rows were written into % since, and would be lost', ${literal(table)};
    end if;`
  return `do $antemortem$ begin
    if pg_catalog.to_regclass(${literal(table)}) is null then return; end if;
    ${guard}
    drop table ${table};
  end $antemortem$`
}

/** Deletes the rows that one transaction has inserted: all of them, each as it was, or none. */
export const deleteOwnRows = (table: string, xid: string, count: number): string =>
  `do $antemortem$ declare n bigint; begin
    delete from ${table} where xmin::text = ${literal(lower(xid))};
    get diagnostics n = row_count;
    if n <> ${count} then
      raise exception '% of the ${count} rows inserted into % were written since', ${count} - n, ${literal(table)};
    end if;
  end $antemortem$`

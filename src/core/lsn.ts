/** A WAL position as PostgreSQL prints it, `XXXXXXXX/XXXXXXXX`, kept as text because a bigint does not survive JSON. */
export type Lsn = string

const pattern = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i

/** Bytes from the start of WAL. Throws on what is not an LSN: a wrong position must never compare as 0. */
export function lsnToBigInt(lsn: Lsn): bigint {
  const parts = pattern.exec(lsn)
  if (!parts?.[1] || !parts[2]) throw new RangeError(`not an LSN: ${lsn}`)
  return (BigInt(`0x${parts[1]}`) << 32n) + BigInt(`0x${parts[2]}`)
}

/** Bytes of WAL from `from` to `to`; negative when `to` is behind. */
export const lsnDistance = (from: Lsn, to: Lsn): number => Number(lsnToBigInt(to) - lsnToBigInt(from))

/** Has `lsn` reached `target`? */
export const lsnReached = (lsn: Lsn, target: Lsn): boolean => lsnToBigInt(lsn) >= lsnToBigInt(target)

import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import type { Damage } from '../core/lab-step.ts'

const pageBytes = 8192

/** Turns bytes of a page round, as a disk or a half-written page leaves them. Only while the server is stopped. */
export function damagePage(file: string, { page, offset, length }: Damage): void {
  const at = page * pageBytes + offset
  const opened = openSync(file, 'r+')
  try {
    if (offset + length > pageBytes || at + length > fstatSync(opened).size)
      throw new Error(`${file} has no ${length} bytes at ${offset} of page ${page}`)
    const bytes = Buffer.alloc(length)
    readSync(opened, bytes, 0, length, at)
    writeSync(
      opened,
      bytes.map((byte) => byte ^ 0xff),
      0,
      length,
      at,
    )
  } finally {
    closeSync(opened)
  }
}

import { readFileSync } from 'node:fs'
import type { AppRelease, NewPasswords } from '../../core/lab-step.ts'

/** What the people themselves know: the password of each user, in full. */
export function passwordOf(id: number, { password = 'pw' }: AppRelease, changed: NewPasswords | null): string {
  const isNew = changed !== null && id >= changed.from && id < changed.from + changed.count
  return `${isNew ? changed.prefix : password}${id}`
}

/** Null where nobody has changed one, or a hand that edits the file has not finished. */
export function readPasswords(file: string): NewPasswords | null {
  const text = readFileSync(file, 'utf8')
  const match = /^(\d+) (\d+) (\w+)\n$/.exec(text)
  return match === null ? null : { from: Number(match[1]), count: Number(match[2]), prefix: String(match[3]) }
}

export const printPasswords = ({ from, count, prefix }: NewPasswords): string => `${from} ${count} ${prefix}\n`

import type { ChangeText } from '../gate/change/read-change.ts'
import { readTextFile } from './read-text.ts'

/** Larger than any migration: data is loaded otherwise. What can be rehearsed can be applied: the bound is one. */
const mostBytes = 4 * 1024 * 1024

/** The files of a change, whole, in the order in which they were named. Throws (exit 2) with the file's name and the hint. */
export const readChangeFiles = (names: readonly string[], hint: string): readonly ChangeText[] =>
  names.map((name) => ({ name, text: readTextFile(name, { mostBytes, what: 'change', hint }) }))

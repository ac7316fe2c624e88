import {
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  readlinkSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { run } from './run.ts'

/**
 * Every file of a template has this time. What a server has touched has another one: that is all that a reset must look
 * at, beside the size.
 */
const templateTime = new Date('2001-01-01T00:00:00Z')

/** Relative path and size; -1 is a directory, -2 a link. */
export type TreeIndex = Readonly<Record<string, number>>

/** With owners, modes and times. */
export async function copyTree(from: string, to: string, signal?: AbortSignal): Promise<void> {
  await run('cp', ['-a', from, to], null, signal)
}

/** Gives every file the template's time, and lists them. */
export function indexTree(root: string): TreeIndex {
  const index: Record<string, number> = {}
  for (const path of walk(root, '')) {
    const stat = lstatSync(join(root, path))
    if (stat.isFile()) utimesSync(join(root, path), templateTime, templateTime)
    if (stat.isSymbolicLink()) lutimesSync(join(root, path), templateTime, templateTime)
    index[path] = stat.isDirectory() ? -1 : stat.isSymbolicLink() ? -2 : stat.size
  }
  return index
}

/** Makes a copy what its template is, by touching only what differs. Returns how many files that were. */
export function restoreTree(template: string, copy: string, index: TreeIndex): number {
  let touched = 0
  const seen = new Set<string>()
  for (const path of walk(copy, '', (path) => index[path] === -1)) {
    seen.add(path)
    if (isAsItWas(join(copy, path), index[path])) continue
    touched += 1
    rmSync(join(copy, path), { recursive: true, force: true })
    if (index[path] !== undefined) seen.delete(path)
  }
  // The index lists a directory before what is in it.
  for (const path of Object.keys(index)) {
    if (seen.has(path)) continue
    touched += 1
    putBack(join(template, path), join(copy, path))
  }
  return touched
}

function isAsItWas(file: string, expected: number | undefined): boolean {
  const stat = lstatSync(file)
  if (stat.isDirectory()) return expected === -1
  const sameTime = stat.mtimeMs === templateTime.getTime()
  return stat.isSymbolicLink() ? expected === -2 && sameTime : expected === stat.size && sameTime
}

function putBack(from: string, to: string): void {
  const stat = lstatSync(from)
  if (stat.isDirectory()) mkdirSync(to, { recursive: true, mode: stat.mode })
  else if (stat.isSymbolicLink()) symlinkSync(readlinkSync(from), to)
  else copyFileSync(from, to)
  if (process.getuid?.() === 0 && !stat.isSymbolicLink()) chownSync(to, stat.uid, stat.gid)
  if (stat.isFile()) utimesSync(to, templateTime, templateTime)
  if (stat.isSymbolicLink()) lutimesSync(to, templateTime, templateTime)
}

/** Directories before what is in them; only those that `enter` allows are entered. */
function* walk(root: string, below: string, enter: (path: string) => boolean = () => true): Generator<string> {
  for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    yield path
    if (entry.isDirectory() && enter(path) && existsSync(join(root, path))) yield* walk(root, path, enter)
  }
}

import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { codeOfError, isAbsent } from '../reading.ts'
import { formatOf, idOf, type LogFormat } from './position.ts'

/** A file of a log, as it was a moment ago. */
export interface LogFile {
  readonly path: string
  readonly id: string
  readonly size: number
  readonly changedNs: bigint
}

/** The files of a log, the one that is written apart from those before it. */
export interface LogFiles {
  readonly current: LogFile | null
  readonly past: readonly LogFile[]
  /** While these are what they were, nothing was written and nothing rotated; empty where only looking at all of it tells. */
  readonly marks: Marks
}

/** What each path was like when it was looked at. */
export type Marks = ReadonlyMap<string, string>

const noMarks: Marks = new Map()

/** Of a file or a folder; null where there is none. */
async function markOf(path: string): Promise<string | null> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true })
    return markText({ id: idOf({ dev, ino }), size: Number(size), changedNs: mtimeNs })
  } catch (error) {
    if (codeOfError(error) === null) throw error
    return null
  }
}

const markText = ({ id, size, changedNs }: Omit<LogFile, 'path'>): string => `${id} ${size} ${changedNs}`

export async function areAsMarked(marks: Marks): Promise<boolean> {
  for (const [path, mark] of marks) if ((await markOf(path)) !== mark) return false
  return marks.size > 0
}

const packed = /\.(?:gz|bz2|xz|zst|lz4|zip)$/
/** Formats that are written side by side: the richer one is read while it is not this much older. */
const besideNs = 600_000_000_000n

async function look(path: string): Promise<LogFile | null> {
  try {
    const found = await stat(path, { bigint: true })
    if (!found.isFile()) return null
    return { path, id: idOf(found), size: Number(found.size), changedNs: found.mtimeNs }
  } catch (error) {
    // Rotated away between two looks.
    if (isAbsent(error)) return null
    throw error
  }
}

const present = async (paths: readonly string[]): Promise<readonly LogFile[]> =>
  (await Promise.all(paths.map(look))).filter((file) => file !== null)

/** One file that something else rotates: the files beside it whose names begin with its own are its past. */
export async function filesOfOne(path: string): Promise<LogFiles> {
  const [folder, name] = [dirname(path), basename(path)]
  const beside = (await namesIn(folder)).filter(
    (each) => (each.startsWith(`${name}.`) || each.startsWith(`${name}-`)) && !packed.test(each),
  )
  const past = await present(beside.map((each) => join(folder, each)))
  const current = await look(path)
  return { current, past: past.toSorted(older), marks: current ? new Map([[path, markText(current)]]) : noMarks }
}

/** A folder may be passed by those who may not list it: then the file alone has to do. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (codeOfError(error) === 'EACCES') return []
    throw error
  }
}

/** `log.2` is older than `log.1`, where their times do not tell. */
function older(a: LogFile, b: LogFile): number {
  if (a.changedNs !== b.changedNs) return a.changedNs < b.changedNs ? -1 : 1
  const [x, y] = [a, b].map(({ path }) => Number(/\.(\d{1,6})$/.exec(path)?.[1] ?? 0))
  return (y ?? 0) - (x ?? 0) || (a.path < b.path ? -1 : 1)
}

const chronological = (a: LogFile, b: LogFile): number =>
  a.changedNs !== b.changedNs ? (a.changedNs < b.changedNs ? -1 : 1) : a.path < b.path ? -1 : 1

/**
 * The folder of the server's own collector: the file that `current_logfiles` names, else the last that was written. Where it
 * writes several formats, the one that says most.
 */
export async function filesOfFolder(folder: string, dataDir: string | null): Promise<LogFiles> {
  const pointer = dataDir === null ? null : join(dataDir, 'current_logfiles')
  const before = [await markOf(folder), pointer === null ? null : await markOf(pointer)]
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && !packed.test(name))
  const named = pointer === null ? null : await namedByServer(pointer, names)
  const files = await present(names.map((name) => join(folder, name)))
  const newestOf = (format: LogFormat): LogFile | undefined =>
    files
      .filter(({ path }) => formatOf(path) === format)
      .toSorted(chronological)
      .at(-1)
  const newest = files.toSorted(chronological).at(-1)
  if (!newest) return { current: null, past: [], marks: noMarks }
  const chosen =
    files.find(({ path }) => basename(path) === named) ??
    (['jsonlog', 'csvlog'] as const)
      .map(newestOf)
      .find((file) => file !== undefined && newest.changedNs - file.changedNs < besideNs) ??
    newest
  const past = files.filter((file) => file !== chosen && formatOf(file.path) === formatOf(chosen.path))
  const [folderMark, pointerMark] = before
  // Where the server says which file it writes, it also says when that is another one.
  const isTold = basename(chosen.path) === named && pointer !== null && folderMark != null && pointerMark != null
  const marks: Marks = isTold
    ? new Map([
        [folder, folderMark],
        [pointer, pointerMark],
        [chosen.path, markText(chosen)],
      ])
    : noMarks
  return { current: chosen, past: past.toSorted(chronological), marks }
}

/** `current_logfiles` has a line a format: `stderr log/postgresql.log`. Only a name that lies in the folder counts. */
async function namedByServer(pointer: string, names: readonly string[]): Promise<string | null> {
  let text: string
  try {
    text = await readFile(pointer, 'utf8')
  } catch (error) {
    if (isAbsent(error) || codeOfError(error) === 'EACCES') return null
    throw error
  }
  const named = new Map<string, string>()
  for (const line of text.slice(0, 4096).split('\n')) {
    const [, format = '', path = ''] = /^(\w+) (.+)$/.exec(line) ?? []
    if (names.includes(basename(path))) named.set(format, basename(path))
  }
  return named.get('jsonlog') ?? named.get('csvlog') ?? named.get('stderr') ?? null
}

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
export async function filesOfOne(path: string): Promise<{ current: LogFile | null; past: readonly LogFile[] }> {
  const [folder, name] = [dirname(path), basename(path)]
  const beside = (await namesIn(folder)).filter(
    (each) => (each.startsWith(`${name}.`) || each.startsWith(`${name}-`)) && !packed.test(each),
  )
  const past = await present(beside.map((each) => join(folder, each)))
  return { current: await look(path), past: past.toSorted(older) }
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
export async function filesOfFolder(
  folder: string,
  dataDir: string | null,
): Promise<{ current: LogFile | null; past: readonly LogFile[] }> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && !packed.test(name))
  const named = dataDir === null ? null : await namedByServer(dataDir, names)
  const files = await present(names.map((name) => join(folder, name)))
  const newestOf = (format: LogFormat): LogFile | undefined =>
    files
      .filter(({ path }) => formatOf(path) === format)
      .toSorted(chronological)
      .at(-1)
  const newest = files.toSorted(chronological).at(-1)
  if (!newest) return { current: null, past: [] }
  const chosen =
    files.find(({ path }) => basename(path) === named) ??
    (['jsonlog', 'csvlog'] as const)
      .map(newestOf)
      .find((file) => file !== undefined && newest.changedNs - file.changedNs < besideNs) ??
    newest
  const past = files.filter((file) => file !== chosen && formatOf(file.path) === formatOf(chosen.path))
  return { current: chosen, past: past.toSorted(chronological) }
}

/** `current_logfiles` has a line a format: `stderr log/postgresql.log`. Only a name that lies in the folder counts. */
async function namedByServer(dataDir: string, names: readonly string[]): Promise<string | null> {
  let text: string
  try {
    text = await readFile(join(dataDir, 'current_logfiles'), 'utf8')
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

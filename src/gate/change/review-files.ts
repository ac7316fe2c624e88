import { closeSync, openSync, readdirSync, readSync, statSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { AntemortemError } from '../../core/error.ts'
import { kindOfFile } from '../files/kind-of-file.ts'

/** Larger than any migration: data is loaded otherwise, and the parser's tree of it takes a hundred times as much memory. */
const mostBytes = 4 * 1024 * 1024
const mostFiles = 2000
/** Of all files together: some seconds of reading, and a gigabyte of memory. */
const mostTogether = 4 * mostBytes

const refused = (code: string, message: string, hint: string, cause?: unknown): AntemortemError =>
  new AntemortemError(code, message, hint, { exit: 2, cause })

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
}

/** The files that a path names: itself, or of a directory the migrations of the common tools, in the order in which they run. */
export function filesUnder(path: string): readonly string[] {
  if (!statOf(path).isDirectory()) return [path]
  const found: string[] = []
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
      const inside = join(folder, entry.name)
      if (entry.isDirectory()) walk(inside)
      else if (entry.isFile() && isChange(entry.name)) found.push(inside)
      if (found.length > mostFiles)
        throw refused(
          'change-too-many',
          `${path} has more than ${mostFiles} files`,
          'Name the files, or use --since REF.',
        )
    }
  }
  walk(path)
  return found.sort(byRun)
}

function statOf(path: string): Stats {
  try {
    return statSync(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
  if (code === null) return error
  return refused(
    'change-unreadable',
    `${path}: ${reasons[code] ?? code}`,
    'Name files or directories of migrations.',
    error,
  )
}

/** What is run; the way back of golang-migrate, Prisma, Flyway and diesel is not. */
export function isChange(name: string): boolean {
  if (/^(postgresql.*|pg_hba)\.conf$|^pgbouncer\.ini$/.test(name)) return true
  return name.endsWith('.sql') && !/(^|[._-])(down|rollback|revert)\.sql$/i.test(name) && !/^U\d[\d._]*__/.test(name)
}

/** Numbers by their value, Flyway's repeatable files last, as the tools do. */
export function byRun(a: string, b: string): number {
  const isLast = (path: string): number => Number(/(^|\/)R__/.test(path))
  return isLast(a) - isLast(b) || natural.compare(a, b)
}

const natural = new Intl.Collator('en', { numeric: true })

/** The text of a file; what is none, or more than a change can be, is refused. */
export function readChangeText(path: string): string {
  const bytes = readBytes(path)
  if (bytes.length > mostBytes)
    throw refused(
      'change-too-large',
      `${path} is larger than any change (${mostBytes / 1024 ** 2} MiB)`,
      'Load data in a step of its own, and name the rest.',
    )
  return decoded(path, bytes)
}

/** The texts of several files; together, too, they are no more than a change can be. */
export function readChangeTexts(paths: readonly string[]): readonly string[] {
  let length = 0
  return paths.map((path) => {
    const text = readChangeText(path)
    length += text.length
    if (length > mostTogether)
      throw refused(
        'change-too-large',
        `${path}: with the files before it larger than any change (${mostTogether / 1024 ** 2} MiB)`,
        'Name fewer files, or what is new: --since REF.',
      )
    return text
  })
}

/** Of a file, a little more than any change may have. */
export function readBytes(path: string): Buffer {
  const chunks: Buffer[] = []
  let length = 0
  try {
    const file = openSync(path, 'r')
    try {
      for (;;) {
        const chunk = Buffer.alloc(65_536)
        const read = readSync(file, chunk)
        if (read === 0 || length > mostBytes) break
        chunks.push(chunk.subarray(0, read))
        length += read
      }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw unreadable(path, error)
  }
  return Buffer.concat(chunks)
}

/** UTF-8 without a zero byte: the parser would end there, and pass over the rest. Readers of settings say themselves what is no text. */
export function decoded(path: string, bytes: Uint8Array): string {
  if (['application', 'pooler'].includes(kindOfFile(path))) return new TextDecoder('utf-8').decode(bytes)
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (isWide) throw refused('change-encoding', `${path} is UTF-16`, 'Save it as UTF-8.')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const zero = text.indexOf('\0')
    if (zero < 0) return text
    throw refused(
      'change-encoding',
      `${path}:${text.slice(0, zero).split('\n').length}: has a zero byte`,
      'It is no text; name a file with SQL.',
    )
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw refused('change-encoding', `${path} is not UTF-8`, 'Save it as UTF-8: iconv -f latin1 -t utf-8.', error)
  }
}

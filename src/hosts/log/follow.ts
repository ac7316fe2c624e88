import { open, stat, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { read, unread, unreadOf, type Reading } from '../reading.ts'
import { areAsMarked, filesOfFolder, filesOfOne, type LogFile, type LogFiles, type Marks } from './files.ts'
import { checkBytes, formatOf, idOf, type LogChunk, type LogPosition } from './position.ts'

/** At once: reading it into entries takes a hundredth of a second, and then it is somebody else's turn. */
const atOnce = 262_144
/** Where to begin in a log that is there already. */
const backBytes = 1_048_576
/** What is further behind is left out: the last minutes are what is asked for. */
const mostBehind = 16 * 1_048_576

interface Source {
  readonly handle: FileHandle
  readonly id: string
  readonly path: string
}

interface Start {
  readonly source: Source
  readonly offset: number
  readonly fresh: boolean
  readonly gap: string | null
}

/**
 * The bytes of a log from a position on: one file through rotation by rename or by copy and truncation, or the folder of the
 * server's collector. The file is kept open, so that the rest of it is read after it was renamed or removed. Reads only what
 * it was made for.
 */
export class LogFollower {
  readonly #path: string
  readonly #dataDir: string | null
  #source: Source | null = null
  #isClosed = false
  /** The past of the log when it was last looked at; null before. */
  #known: ReadonlySet<string> | null = null
  /** It was read to its end when its files were so. */
  #ended: { readonly chunk: LogChunk; readonly marks: Marks } | null = null

  constructor(path: string, dataDir: string | null) {
    this.#path = path
    this.#dataDir = dataDir
  }

  /** `position: null`: from near the end. */
  async read(position: LogPosition | null): Promise<Reading<LogChunk>> {
    try {
      return await this.#read(position)
    } catch (error) {
      return unreadOf(error, this.#path, 'wait for the server to write it, or correct `log`')
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#drop()
  }

  async #drop(): Promise<void> {
    await this.#source?.handle.close()
    this.#source = null
  }

  async #files(): Promise<LogFiles> {
    const isFolder = (await stat(this.#path).catch(() => null))?.isDirectory() === true
    return isFolder ? filesOfFolder(this.#path, this.#dataDir) : filesOfOne(this.#path)
  }

  async #read(position: LogPosition | null): Promise<Reading<LogChunk>> {
    const ended = this.#ended
    if (ended && position !== null && isSame(ended.chunk.position, position) && (await areAsMarked(ended.marks)))
      return read(ended.chunk)
    this.#ended = null
    const files = await this.#files()
    const before = this.#known
    this.#known = new Set(files.past.map(({ id }) => id))
    const start = position === null ? await this.#first(files.current) : await this.#resume(position, files, before)
    if (!start) return unread(`there is no log in ${this.#path}`, 'wait for the server to write it, or correct `log`')
    const resumed = position !== null && !start.fresh
    const chunk = await piece(start, resumed ? position.check : '', position === null)
    if (chunk.bytes.length === 0 && files.current === null)
      return unread(`there is no ${this.#path} any more`, 'look what removed it; it is read again when it is back')
    const isCurrent = files.current?.id === start.source.id
    if (resumed && isCurrent && chunk.bytes.length === 0 && !chunk.more && start.gap === null)
      this.#ended = { chunk, marks: files.marks }
    if (chunk.bytes.length > 0 || files.current === null || isCurrent)
      return read({ ...chunk, more: chunk.more || (files.current !== null && files.current.id !== start.source.id) })
    const next = await this.#next(start.source, files)
    // A writer that has not moved on yet: the new file is still empty, and the old one may grow.
    if (!next) return read(chunk)
    const after = await piece({ source: next, offset: 0, fresh: true, gap: start.gap }, '', false)
    return read({ ...after, more: after.more || next.id !== files.current.id })
  }

  async #first(current: LogFile | null): Promise<Start | null> {
    if (!current) return null
    return { source: await this.#open(current), offset: Math.max(0, current.size - backBytes), fresh: true, gap: null }
  }

  /** The file of the position: the one that is open, or one that has its identity; and is it still what was read? */
  async #resume(
    position: LogPosition,
    { current, past }: { readonly current: LogFile | null; readonly past: readonly LogFile[] },
    known: ReadonlySet<string> | null,
  ): Promise<Start | null> {
    const all = current ? [...past, current] : past
    const same = all.find(({ id }) => id === position.id)
    const copies = past.filter(({ id, size }) => id !== position.id && size >= position.offset)
    // A file that is short after it was truncated may still look as if it went on: a new copy beside it tells.
    for (const copy of copies.filter(({ id }) => known !== null && !known.has(id)))
      if (same && same === current && (await isRest(copy, same, position)))
        return { source: await this.#open(copy), offset: position.offset, fresh: false, gap: null }
    const source = this.#source?.id === position.id ? this.#source : same ? await this.#open(same) : null
    if (source && (await continues(source.handle, position)))
      return { source, offset: position.offset, fresh: false, gap: null }
    // Truncated, or another file with an old number: perhaps what was not read yet lies in a copy.
    for (const file of position.check === '' ? [] : copies) {
      const copy = await this.#open(file)
      if (await continues(copy.handle, position))
        return { source: copy, offset: position.offset, fresh: false, gap: null }
    }
    if (!current) return null
    const isEmptied = source !== null && source.id === current.id
    return {
      source: await this.#open(current),
      offset: 0,
      fresh: true,
      gap: isEmptied ? null : 'the file that was read is gone; its last lines may be missing',
    }
  }

  /** The first file after this one that has anything in it. */
  async #next(source: Source, files: { readonly current: LogFile | null; readonly past: readonly LogFile[] }) {
    const index = files.past.findIndex(({ id }) => id === source.id)
    const changedNs = index < 0 ? (await source.handle.stat({ bigint: true })).mtimeNs : 0n
    const later = files.past.filter((file, n) => (index < 0 ? file.changedNs > changedNs : n > index))
    const next = [...later, ...(files.current ? [files.current] : [])].find(({ size }) => size > 0)
    const opened = next ? await this.#open(next) : null
    // Renamed between the two looks: the next one finds it.
    return opened && opened.id === next?.id ? opened : null
  }

  async #open({ path, id }: Pick<LogFile, 'path' | 'id'>): Promise<Source> {
    if (this.#source?.id === id) return this.#source
    const handle = await open(path)
    // It was closed while a read was under way: nobody else would close this one.
    if (this.#isClosed) await handle.close()
    await this.#drop()
    // It may have been renamed since it was looked at.
    this.#source = { handle, id: idOf(await handle.stat({ bigint: true })), path }
    return this.#source
  }
}

const isSame = (a: LogPosition, b: LogPosition): boolean =>
  a.id === b.id && a.offset === b.offset && a.check === b.check

/** Is the one a copy that was made before the other was emptied, and does it go on where we stand? */
async function isRest(copy: LogFile, log: LogFile, position: LogPosition): Promise<boolean> {
  const [one, other] = [await open(copy.path), await open(log.path)]
  try {
    if (!(await continues(one, position))) return false
    // A log only grows: what is shorter than its copy, or begins otherwise, was emptied since.
    if (log.size < copy.size) return true
    const [a, b] = [await bytesAt(one, 0, Math.min(copy.size, 256)), await bytesAt(other, 0, Math.min(copy.size, 256))]
    return !a.equals(b)
  } finally {
    await one.close()
    await other.close()
  }
}

/** Does the file have, before the position, what was read there? */
async function continues(handle: FileHandle, { offset, check }: LogPosition): Promise<boolean> {
  const expected = Buffer.from(check, 'base64')
  if ((await handle.stat()).size < offset || expected.length > offset) return false
  return (await bytesAt(handle, offset - expected.length, expected.length)).equals(expected)
}

async function bytesAt(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await handle.read(buffer, 0, length, offset)
  return buffer.subarray(0, bytesRead)
}

async function piece({ source, offset, fresh, gap }: Start, check: string, isFirst: boolean): Promise<LogChunk> {
  const { size } = await source.handle.stat()
  const behind = size - offset
  const from = behind > mostBehind ? size - backBytes : offset
  const isSkipped = from !== offset
  const bytes = await bytesAt(source.handle, from, Math.max(0, Math.min(size - from, atOnce)))
  const before = isSkipped ? Buffer.alloc(0) : Buffer.from(check, 'base64')
  const tail = Buffer.concat([before, bytes]).subarray(-checkBytes)
  return {
    file: basename(source.path),
    format: formatOf(source.path),
    bytes,
    position: { id: source.id, offset: from + bytes.length, check: tail.toString('base64') },
    fresh,
    cut: from > 0 && (isFirst || isSkipped),
    gap: isSkipped ? `${from - offset} bytes were skipped: the server writes more than is read` : gap,
    more: from + bytes.length < size,
  }
}

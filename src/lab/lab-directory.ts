import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { AntemortemError } from '../core/error.ts'
import { hasMemoryRoom, memoryDirectory } from './memory.ts'
import { assertPassable, assertPrivate, closedDirectory, serverOwner } from './owner.ts'

/** Where a lab lies. */
export interface LabPlace {
  /** Ours, and passable for those who run the servers. */
  readonly dir: string
  /** Where it was wanted, and where nobody but us may pass to: a symbolic link to `dir`. */
  readonly link?: string
}

const prefix = 'antemortem-lab-'

/** A new directory for a lab, and a link to it where the wanted place is closed to those who run the servers. */
export function makeLabDirectory(wanted: string | undefined): LabPlace {
  if (wanted === undefined) return { dir: opened(makeTemporary()) }
  const at = resolve(wanted)
  removeOldLink(at)
  assertEmpty(at)
  mkdirSync(dirname(at), { recursive: true, mode: 0o711 })
  if (closedDirectory(realpathSync(dirname(at)), serverOwner()) !== null) return linkedFrom(at)
  mkdirSync(at, { recursive: true, mode: 0o711 })
  return { dir: opened(at) }
}

function opened(dir: string): string {
  assertPrivate(dir)
  chmodSync(dir, 0o711)
  return realpathSync(dir)
}

const makeTemporary = (): string => mkdtempSync(join(temporaryDirectory(), prefix))

function linkedFrom(link: string): LabPlace {
  assertPassable(temporaryDirectory())
  const dir = opened(makeTemporary())
  try {
    if (existsSync(link)) rmdirSync(link)
    symlinkSync(dir, link)
  } catch (error) {
    rmSync(dir, { recursive: true })
    throw error
  }
  return { dir, link }
}

/** Only as long as it is the lab's: somebody may have put something else in its place. */
export function removeLink({ dir, link }: LabPlace): void {
  if (link !== undefined && linkTarget(link) === dir) rmSync(link)
}

/** A reboot takes a lab's temporary directory, and leaves the link to it. */
function removeOldLink(at: string): void {
  const target = linkTarget(at)
  if (target !== null && basename(target).startsWith(prefix) && !existsSync(at)) rmSync(at)
}

const linkTarget = (path: string): string | null =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : null

function assertEmpty(dir: string): void {
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new AntemortemError(
      'lab-directory-not-empty',
      `${dir} is not empty, and a lab removes its directory when it ends`,
      'Name a new directory, or stop the lab that is there with: antemortem lab down',
    )
}

const limits = {
  freeBytes: { default: 2 ** 30, unit: 'bytes', why: 'three small servers with an application take 0.2 GB' },
  memoryBytes: { default: 2 * 2 ** 30, unit: 'bytes', why: 'what lies in memory must not make the machine swap' },
} as const

/**
 * In memory where there is room: a lab makes and removes thousands of small files, which on a file system without a journal is most
 * of what it costs (0.35 s instead of 2 to 4 s until it is up). A TMPDIR that somebody has set is kept to, unless it is root's own.
 */
export function temporaryDirectory(): string {
  const owner = serverOwner()
  const wished = process.env['TMPDIR'] === undefined && hasRoom() ? [memoryDirectory] : []
  const passable = [...wished, tmpdir(), '/tmp', '/var/tmp'].find(
    (dir) => existsSync(dir) && closedDirectory(dir, owner) === null,
  )
  return passable ?? tmpdir()
}

const hasRoom = (): boolean =>
  hasMemoryRoom({ freeBytes: limits.freeBytes.default, memoryBytes: limits.memoryBytes.default })

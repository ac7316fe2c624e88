import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { AntemortemError } from '../core/error.ts'
import { assertPassable, assertPrivate, closedDirectory, serverOwner } from './owner.ts'

/** A new directory for a lab: ours, and passable for those who run the servers. */
export function makeLabDirectory(wanted: string | undefined): string {
  const dir =
    wanted === undefined ? mkdtempSync(join(temporaryDirectory(), 'antemortem-lab-')) : makeWanted(resolve(wanted))
  assertPrivate(dir)
  chmodSync(dir, 0o711)
  return realpathSync(dir)
}

function makeWanted(dir: string): string {
  if (existsSync(dir) && readdirSync(dir).length > 0)
    throw new AntemortemError(
      'lab-directory-not-empty',
      `${dir} is not empty, and a lab removes its directory when it ends`,
      'Name a new directory, or stop the lab that is there with: antemortem lab down',
    )
  mkdirSync(dir, { recursive: true, mode: 0o711 })
  assertPassable(dirname(dir))
  return dir
}

/** TMPDIR may be root's own. */
export function temporaryDirectory(): string {
  const owner = serverOwner()
  const passable = [tmpdir(), '/tmp', '/var/tmp'].find((dir) => existsSync(dir) && closedDirectory(dir, owner) === null)
  return passable ?? tmpdir()
}

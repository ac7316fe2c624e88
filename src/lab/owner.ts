import { lstatSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { AntemortemError } from '../core/error.ts'

/** Whom the servers run as; null is the present user. */
export type Owner = { readonly uid: number; readonly gid: number } | null

/** PostgreSQL refuses to run as root. Root lends it `nobody`, and never makes an account of its own. */
export function serverOwner(): Owner {
  if (process.getuid?.() !== 0) return null
  const nobody = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find((fields) => fields[0] === 'nobody')
  const uid = Number(nobody?.[2])
  const gid = Number(nobody?.[3])
  if (!Number.isInteger(uid) || !Number.isInteger(gid) || uid <= 0)
    throw new AntemortemError(
      'lab-no-owner',
      'PostgreSQL does not run as root, and there is no account "nobody" to run it as',
      'Run the command as an ordinary user.',
    )
  return { uid, gid }
}

/** The first directory on the way to `path` that the owner may not pass, or null. */
export function closedDirectory(path: string, owner: Owner): string | null {
  if (owner === null) return null
  for (let at = resolve(path); ; at = dirname(at)) {
    const stat = statSync(at)
    if (stat.isDirectory() && !mayPass(stat, owner)) return at
    if (dirname(at) === at) return null
  }
}

function mayPass(stat: { mode: number; uid: number; gid: number }, owner: { uid: number; gid: number }): boolean {
  if (stat.uid === owner.uid) return (stat.mode & 0o100) !== 0
  if (stat.gid === owner.gid) return (stat.mode & 0o010) !== 0
  return (stat.mode & 0o001) !== 0
}

/** Names the directory that stands in the way of those who run the servers. */
export function assertPassable(directory: string): void {
  const closed = closedDirectory(directory, serverOwner())
  if (closed === null) return
  throw new AntemortemError(
    'lab-directory-closed',
    `the servers of a lab run as "nobody", who may not pass ${closed} to ${directory}`,
    'Name a directory below /tmp or /var/tmp, or run the command as an ordinary user.',
  )
}

/** In /tmp anybody can lay a directory ready: ours belongs to us, and nobody else can write into it. */
export function assertPrivate(directory: string): void {
  const stat = lstatSync(directory)
  const uid = process.getuid?.()
  if (stat.isDirectory() && (uid === undefined || (stat.uid === uid && (stat.mode & 0o022) === 0))) return
  throw new AntemortemError(
    'lab-directory-unsafe',
    `${directory} belongs to somebody else, or others may write into it`,
    `Remove it, or correct it with: chmod go-w ${directory}`,
  )
}

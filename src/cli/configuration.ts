import { accessSync, constants } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fromUrls } from '../config/from-urls.ts'
import { assertAddresses, rebase } from '../config/lookups.ts'
import type { Configuration } from '../core/configuration.ts'
import type { ConfigWishes } from './command.ts'
import { readTextFile } from './read-text.ts'

export interface ConfigSource {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** `--config`. */
  readonly option: string | null
}

/** Which file is meant, whether it is there or not. */
export const findConfig = (cwd: string, option: string | null): string => resolve(cwd, option ?? 'antemortem.yaml')

/** The configuration of this run: of the addresses that were given, else of the file. */
export async function loadConfiguration(
  source: ConfigSource,
  { urls = [], needs }: ConfigWishes = {},
): Promise<Configuration> {
  const configuration = urls.length > 0 ? fromUrls(urls) : await readFile(source)
  if (needs) assertAddresses(configuration, needs, { env: source.env, canRead })
  return configuration
}

async function readFile({ cwd, option }: ConfigSource): Promise<Configuration> {
  const path = findConfig(cwd, option)
  const shown = option ?? 'antemortem.yaml'
  const text = readTextFile(path, {
    shown,
    mostBytes: 300_000,
    what: 'configuration',
    hint:
      option === null
        ? 'Write one (docs/configuration.md), name it with --config FILE, or give the addresses of the nodes to a command that takes them.'
        : 'Name an existing file that this user may read.',
  })
  // Loaded only when a file is read: what a command with addresses needs must start fast.
  const [{ readConfig }, { checks }] = await Promise.all([
    import('../config/read.ts'),
    import('../checks/list.generated.ts'),
  ])
  const configuration = readConfig(text, shown, { checks })
  const base = dirname(path)
  return rebase(configuration, (file) => (isAbsolute(file) ? file : join(base, file)))
}

function canRead(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checks } from '../checks/list.generated.ts'
import type { ClusterConfig } from '../core/configuration.ts'
import { AntemortemError } from '../core/error.ts'
import type { Outage, OutageSource } from '../core/outage.ts'
import { drills } from '../drills/list.generated.ts'
import { reviewRules } from '../gate/review/rules.generated.ts'
import { rules } from '../gate/rules.generated.ts'
import { wrapRules } from '../gate/wrap/rules.generated.ts'
import { percentProven } from '../guards/coverage.ts'
import { outageSource } from '../guards/source.ts'
import { readPostmortem } from '../postmortem/read.ts'

/** The outages that come with the program: in the package beside the code, in a checkout among the documents. */
export function builtIn(): string {
  const packaged = fileURLToPath(new URL('../postmortems', import.meta.url))
  return existsSync(packaged) ? packaged : fileURLToPath(new URL('../../docs/postmortems', import.meta.url))
}

/** Every postmortem of a directory; what cannot be read is told and left out. */
export function readOutages(directory: string | null, tell: (words: string) => void): readonly OutageSource[] {
  const from = directory ?? builtIn()
  const names = listOf(from).filter((name) => /\.(md|markdown|txt)$/i.test(name) && !/^readme\./i.test(name))
  return names.sort().flatMap((name) => {
    const file = join(from, name)
    try {
      return [outageSource(readPostmortem(readFileSync(file, 'utf8'), directory === null ? name : file))]
    } catch (error) {
      if (!(error instanceof AntemortemError)) throw error
      tell(`${error.message} ${error.hint}`)
      return []
    }
  })
}

function listOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    throw new AntemortemError(
      'postmortems-unreadable',
      `${directory}: cannot be read as a directory of postmortems`,
      'Name one under postmortems: in the configuration.',
      { exit: 2, cause: error },
    )
  }
}

/** Every guard that this program can run, a team's own checks included. */
export const knownGuards = (clusters: readonly Pick<ClusterConfig, 'invariants'>[] = []): ReadonlySet<string> =>
  new Set([
    ...clusters.flatMap(({ invariants }) => invariants.map(({ name }) => `check:custom/${name}`)),
    ...checks.map(({ id }) => `check:${id}`),
    ...[...rules, ...reviewRules, ...wrapRules].map(({ id }) => `gate:${id}`),
    ...drills.map(({ id }) => `drill:${id}`),
  ])

export const atLeastPercent = (outages: readonly Outage[], percent: number | null): boolean =>
  percent === null || percentProven(outages) >= percent

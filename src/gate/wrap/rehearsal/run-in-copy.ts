import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AntemortemError } from '../../../core/error.ts'
import { lsnDistance } from '../../../core/lsn.ts'
import type { Snapshot } from '../../../core/snapshot.ts'
import type { Lab } from '../../../lab/lab.ts'
import type { RealCluster } from '../../copy/read-cluster.ts'
import { lookAt } from '../../run/look.ts'
import type { Stage } from '../../run/stage.ts'
import type { CommandOutcome } from '../command/outcome.ts'
import { readAllContents } from '../look-closely.ts'
import type { Moment } from '../moment.ts'
import { copiedDirectories } from './copied-directories.ts'
import { copyBookkeeping } from './equip-lab.ts'
import { runIsolated } from './isolated.ts'
import { ledThere, type LedThere } from './led-there.ts'
import { productionEnds } from './production-ends.ts'
import type { RehearseCommandOptions } from './rehearse-command.ts'
import { runWatched } from './watched.ts'
import { WaysOut } from './ways-out.ts'

/** What was seen of a command while it ran in a copy. */
export interface Ran {
  readonly outcome: CommandOutcome
  readonly before: Snapshot
  readonly contents: readonly [Moment['contents'], Moment['contents']]
  /** Who may write what the copy's subscriptions fill. */
  readonly writers: Moment['writers']
  readonly walBytes: number
  /** By node of the copy. */
  readonly connections: ReadonlyMap<string, number>
  /** Addresses of production that it was connected to, where it could not be shut off. */
  readonly reached: readonly string[]
  readonly notes: readonly string[]
}

/** The command, led to the copy, and what it left there. */
export async function runInCopy(stage: Stage, real: RealCluster, options: RehearseCommandOptions): Promise<Ran> {
  const { lab } = stage
  const { cluster, command, words, progress } = options
  const { signal } = command
  const booked = await copyBookkeeping(lab, cluster, signal)
  const directory = mkdtempSync(join(tmpdir(), 'antemortem-gate-'))
  try {
    mkdirSync(join(directory, 'sockets'))
    const ways = await WaysOut.open(lab, join(directory, 'sockets'))
    try {
      const portOf = (node: string): number => ways.portOf(node)
      const led = await ledThere({ lab, portOf, nodes: real.nodes }, real.primary, options)
      const nodes = lab.nodes.map(({ name }) => ({ name, url: lab.url(name, 'admin'), act: null, host: null }))
      const inCopy = real.nodes.filter((node) => lab.nodes.some(({ name }) => name === node.name))
      const read = async () => readAllContents({ nodes }, { nodes: inCopy }, signal)
      const [before, { contents: contentsBefore }] = [await lookAt(stage, cluster.name), await read()]
      const lsnBefore = await currentLsn(lab, real.primary)
      progress(`running ${words} in the copy`)
      const { outcome, reached, notes } = await runShutOff(options, led, { directory, ways: ways.ways })
      const { contents, writers } = await read()
      return {
        outcome,
        before,
        contents: [contentsBefore, contents],
        writers,
        walBytes: lsnDistance(lsnBefore, await currentLsn(lab, real.primary)),
        connections: new Map(ways.connections),
        reached,
        notes: [
          ...led.notes,
          ...(booked.length === 0 ? [] : [`real rows of migration tools were copied: ${booked.join(', ')}`]),
          `connections of the command to the copy: ${[...ways.connections].map(([node, count]) => `${node} ${count}`).join(', ')}`,
          ...notes,
        ],
      }
    } finally {
      await ways.close()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** With nothing else within its reach where the system lets us, else under our eyes. */
async function runShutOff(
  { cluster, command, unshare }: RehearseCommandOptions,
  { env, files }: LedThere,
  { directory, ways }: { readonly directory: string; readonly ways: WaysOut['ways'] },
): Promise<Pick<Ran, 'outcome' | 'reached' | 'notes'>> {
  const run = { ...command, env: { ...command.env, ...env }, files, directory }
  const copied = copiedDirectories(
    command.cwd,
    files.map(({ path }) => path),
  )
  const outcome = await runIsolated({ ...run, ways, copied, unshare })
  if (outcome !== null)
    return {
      outcome,
      reached: [],
      notes: ['in the rehearsal the command had no network but the copy, and no disk that it could change'],
    }
  const watched = await runWatched({ ...run, forbidden: await productionEnds(cluster) })
  if (watched === null) throw notShutOff()
  return {
    outcome: watched.outcome,
    reached: watched.reached,
    notes: [
      'the command could not be shut off here (unshare, ip, root or user namespaces are missing): it ran in a copy of its directory, and its connections were looked at every 25 ms; what it wrote elsewhere on this host it has written',
      ...watched.notLed.map((file) => `${file} lies outside of the directory: the rehearsed command read the real one`),
    ],
  }
}

async function currentLsn(lab: Lab, node: string): Promise<string> {
  const [row] = await lab.rows(node, 'select pg_current_wal_insert_lsn()::text as lsn')
  const lsn = row?.['lsn']
  return typeof lsn === 'string' ? lsn : '0/0'
}

const notShutOff = (): AntemortemError =>
  new AntemortemError(
    'rehearsal-not-shut-off',
    'the command can neither be shut off from production here nor be looked at',
    'Rehearse on Linux, or leave --rehearse-with out. The command was not run.',
  )

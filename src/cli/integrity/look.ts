import { AntemortemError } from '../../core/error.ts'
import { checks } from '../../checks/list.generated.ts'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { Blind, Finding, Unchecked } from '../../core/finding.ts'
import { matchesGlob } from '../../core/glob.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import { inspect, type Thresholds } from '../../findings/inspect.ts'
import type { Damage } from '../../integrity/damage.ts'
import { judge } from '../../integrity/judge.ts'
import type { Looks } from '../../integrity/looks.ts'
import { sweep } from '../../integrity/sweep.ts'
import type { CommandContext } from '../command.ts'
import { seenOf } from './seen.ts'

/** How much of a node was looked at. */
export interface Looked {
  readonly node: string
  /** Null: it was not seen. */
  readonly tables: number | null
  readonly blocks: number
  readonly blocksRead: number
  readonly indexes: number
  /** Tables compared row by row with the primary's. */
  readonly compared: number
}

/** A cluster, looked at for damage. */
export interface IntegrityLook {
  readonly cluster: ClusterConfig
  readonly atMs: number
  readonly snapshot: Snapshot | null
  readonly looks: Looks
  readonly damages: readonly Damage[]
  /** Of the checks that `check` runs as well. */
  readonly findings: readonly Finding[]
  readonly blind: readonly Unchecked[]
  readonly looked: readonly Looked[]
}

interface Wishes {
  readonly cluster: ClusterConfig
  readonly thresholds: Thresholds
  readonly load: number
  readonly glob: string | null
  readonly context: Pick<CommandContext, 'signal' | 'progress'>
}

const ours = checks.filter(({ id }) => id.startsWith('integrity/'))
const none: Looks = {
  primary: null,
  standbys: [],
  nodes: [],
  peers: [],
  stillThere: [],
  mapped: [],
  sequences: [],
  blind: [],
}

/** Two short looks at every node, in which counters may grow; then page by page, and table beside table. */
export async function lookForDamage({ cluster, thresholds, load, glob, context }: Wishes): Promise<IntegrityLook> {
  const { signal, progress } = context
  progress(`looking at ${cluster.name}`)
  const seen = await seenOf(cluster, { checks: ours, causes: [], suspects: [], thresholds }, signal)
  const snapshot = seen?.snapshot ?? null
  const wants = (schema: string, table: string): boolean => glob === null || matchesGlob(glob, `${schema}.${table}`)
  const present = snapshot?.nodes.filter(({ role, facts }) => role !== null && facts.server.seen) ?? []
  const looks = present.length === 0 ? none : await sweep({ cluster, nodes: present, load, wants, progress, signal })
  if (
    glob !== null &&
    present.length > 0 &&
    looks.nodes.length > 0 &&
    looks.nodes.every(({ tables }) => tables.length === 0)
  )
    throw new AntemortemError(
      'usage',
      `no table matches --table ${glob.slice(0, 80)}`,
      'Write it as schema.table, with * for any characters.',
      { exit: 2 },
    )
  const results = snapshot === null || seen === null ? [] : inspect(ours, snapshot, seen.earlier, thresholds)
  const logs = snapshot?.facts.logs
  return {
    cluster,
    atMs: Date.now(),
    snapshot,
    looks,
    damages: judge(looks, logs?.seen ? logs.value.entries : []),
    findings: results.flatMap(({ found }) => found),
    blind: [
      ...results.flatMap(({ check, blind }) => blind.map((each) => ({ ...each, check }))),
      ...looks.blind,
      ...(snapshot === null ? [] : logBlind(snapshot)),
    ],
    looked: cluster.nodes.map(({ name }) => lookedAt(name, looks)),
  }
}

/** Checksum failures are forgotten at a crash; the log is not. */
function logBlind({ facts: { logs } }: Snapshot): readonly Unchecked[] {
  const blind = (node: Blind): Unchecked => ({ ...node, check: 'integrity/checksum-failures' })
  if (!logs.seen) return [blind({ node: '*', why: logs.why, detail: logs.detail, remedy: logs.remedy })]
  return logs.value.blind.map(({ node, why, remedy }) =>
    blind({ node, why: 'not-configured', detail: `its log is not read: ${why}`, remedy }),
  )
}

function lookedAt(node: string, { nodes, peers }: Looks): Looked {
  const look = nodes.find((each) => each.node === node)
  const sum = (of: 'blocks' | 'read'): number => (look?.tables ?? []).reduce((total, table) => total + table[of], 0)
  return {
    node,
    tables: look ? look.tables.length : null,
    blocks: sum('blocks'),
    blocksRead: sum('read'),
    indexes: look?.indexes.length ?? 0,
    compared: peers.filter(({ standby, corrupt }) => standby === node && corrupt === null).length,
  }
}

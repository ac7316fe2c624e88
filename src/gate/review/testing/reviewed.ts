import { snapshot, type Cluster } from '../../../../test/builders.ts'
import type { ReviewFinding } from '../../../core/gate.ts'
import type { ReadsOnly } from '../../files/contract-files.ts'
import { judgeReview } from '../judge.ts'
import type { Login, ProbeResult, ReviewInput, Topology } from '../input.ts'
import { readFiles } from '../read/read-files.ts'
import type { ReviewRule } from '../rule.ts'

export interface Scene {
  /** The usual three nodes with what is different; absent: the text alone. */
  readonly cluster?: Cluster
  readonly logins?: readonly Login[]
  readonly extensions?: Topology['extensions']
  /** The name of the file; SQL where it is absent. */
  readonly file?: string
  readonly before?: string
  readonly readsOnly?: ReadsOnly
  readonly probes?: (input: ReviewInput) => readonly ProbeResult[]
}

export const addresses = { primary: 'db1:5432', standby: 'db2:5432', subscriber: 'db3:5432' }

/** What one rule finds in one text. */
export async function found(rule: ReviewRule, text: string, scene: Scene = {}): Promise<readonly ReviewFinding[]> {
  const { cluster, logins = [], extensions = {}, file = 'm.sql', before = null, readsOnly, probes } = scene
  const topology: Topology | null = cluster
    ? { cluster: 'auth', primary: 'primary', nodes: snapshot(cluster).nodes, addresses, logins, extensions }
    : null
  const read = {
    ...(await readFiles([{ name: file, text, before, ...(readsOnly && { readsOnly }) }], topology)),
    topology,
    probes: [],
    today: '2026-01-01',
  }
  const input = { ...read, probes: probes?.(read) ?? [] }
  return judgeReview(input, { rules: [rule], others: [], failOn: 'error' }).findings
}

/** The same in a word each: `error primary:public.users @ subscriber`. */
export async function reviewed(rule: ReviewRule, text: string, scene: Scene = {}): Promise<readonly string[]> {
  const findings = await found(rule, text, scene)
  return findings.map(({ severity, object, nodes }) => `${severity} ${object} @ ${nodes.join(', ')}`)
}

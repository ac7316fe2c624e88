import type { Case } from '../core/diagnosis.ts'
import { factOf, nodeOf } from './look.ts'
import { hostOf } from './server-log.ts'

/** How much work a node has, against what it had while all was good and against what its host can take. */
export interface Busy {
  readonly node: string
  /** Sessions that run, without those that only wait for a lock. */
  readonly active: number
  readonly band: number | null
  /** Sessions from which on it is more than usual; null without a band. */
  readonly limit: number | null
  readonly cpuBusy: number | null
  readonly cores: number | null
  readonly isHostFull: boolean
  /** More than usual, and where the host tells, more than it can take. */
  readonly isOver: boolean
}

/** Twice the upper end of what was learned while all was good, and never fewer than this. */
const least = 8
/** A host whose cores are this busy has none to give. */
export const fullCpu = 0.9

export function busyOn(c: Case, name: string): Busy | null {
  const load = c.load.nodes.find((each) => each.node === name)
  const node = nodeOf(c, name)
  const host = hostOf(c, name)
  if (!load) return null
  const waiting = (node && factOf(node, 'sessions')?.waitingForLock) ?? 0
  const active = Math.max(0, load.active - waiting)
  const limit = load.band === null ? null : Math.max(least, 2 * load.band)
  const isHostFull = host?.cpuBusy != null && host.cpuBusy >= fullCpu
  return {
    node: name,
    active,
    band: load.band,
    limit,
    cpuBusy: host?.cpuBusy ?? null,
    cores: host?.cores ?? null,
    isHostFull,
    isOver: limit !== null && active > limit && (host?.cpuBusy == null || isHostFull),
  }
}

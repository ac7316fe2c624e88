import type { ClusterConfig } from '../core/configuration.ts'
import type { ContractFact } from '../core/facts/cluster.ts'
import type { ProbeResult } from '../contracts/probe.ts'
import { readSettingsText, type SettingsFiles } from '../contracts/settings-files.ts'
import { targetsOf, type ProbeTarget } from '../contracts/targets.ts'

const limits = {
  everyMs: {
    default: 3_000,
    unit: 'ms',
    why: 'each try is a new connection; an answer that is known is asked again seldom',
  },
  knownMs: {
    default: 15_000,
    unit: 'ms',
    why: 'whether the old settings still work changes only when somebody mends or breaks more',
  },
} as const

type Connect = (old: ProbeTarget) => Promise<Pick<ProbeResult, 'fact' | 'answer'>>

/**
 * Do settings work where others fail so? Who is answered late is answered: a busy server, or a busy watcher, does not clear
 * settings with which nobody is answered at all. Null where it waited in vain, or was turned away for want of sessions, which says nothing of settings. Pure.
 */
export function doWork(now: Pick<ContractFact, 'layer'>, old: Pick<ProbeResult, 'fact' | 'answer'>): boolean | null {
  if (old.fact.ok) return true
  // Where no session is left, the best settings get none.
  if (old.fact.layer === 'capacity') return null
  if (old.fact.layer !== 'latency' || now.layer === 'latency') return false
  return old.answer === null ? null : true
}

/**
 * Do the settings that last worked still work, from this host? The one question that tells a rewritten settings file from a
 * server that has changed. Asked only while a contract fails whose file differs from what was good.
 */
export class OldSettings {
  readonly #cluster: ClusterConfig
  readonly #files: SettingsFiles
  readonly #nextMs = new Map<string, number>()

  constructor(cluster: ClusterConfig, files: SettingsFiles) {
    this.#cluster = cluster
    this.#files = files
  }

  /** Tries the old settings of a connection that fails so, by `connect`. */
  async try(target: ProbeTarget, now: ContractFact, atMs: number, connect: Connect): Promise<void> {
    const old = this.#oldTarget(target)
    if (!old || atMs < (this.#nextMs.get(old.file) ?? 0)) return
    this.#nextMs.set(old.file, atMs + limits.everyMs.default)
    const works = doWork(now, await connect(old.target))
    if (works !== null) this.#files.noteOld(old.file, works)
    if (works === true) this.#nextMs.set(old.file, atMs + limits.knownMs.default)
  }

  #oldTarget(target: ProbeTarget): { readonly file: string; readonly target: ProbeTarget } | null {
    const contract = this.#cluster.contracts.find(({ name }) => name === target.contract)
    if (!contract || target.route !== 'application') return null
    const readOld = (path: string): string => this.#files.goodText(path) ?? readSettingsText(path)
    const old = targetsOf(this.#cluster, contract, readOld).find(
      (each) => each.instance === target.instance && each.node === target.node && each.route === target.route,
    )
    const file = old && 'settings' in old ? old.settings.source.file : null
    return old && file !== null && this.#files.goodText(file) !== null ? { file, target: old } : null
  }
}

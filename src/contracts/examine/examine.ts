import { randomBytes } from 'node:crypto'
import type { ContractConfig } from '../../core/configuration.ts'
import type { Layer } from '../../core/facts/cluster.ts'
import { redact } from '../../core/redact.ts'
import { askCertificate } from '../../engines/postgres/logins/certificate.ts'
import { tryNamedStatement } from '../../engines/postgres/logins/named-statement.ts'
import type { NamedTable, OwnView } from '../../engines/postgres/logins/own-view.ts'
import { layerOf } from '../layer.ts'
import { contextOf, type ProbeResult } from '../probe.ts'
import { tablesNamed } from '../tables-named.ts'
import type { UsableTarget } from '../targets.ts'
import { info, type ContractNote } from './note.ts'
import { lookAround, limitsOfPooler, openAtOnce, openLike } from './own-session.ts'
import { clientsToTry, notUsed, poolerNotes, preparedNote } from './pooler.ts'
import { arithmeticNotes, openedNote, sessionsToTry, type Demand } from './sessions.ts'
import { notFound, tableNotes, writeNotes } from './tables.ts'
import { tlsNotes, tlsRefusal } from './tls.ts'

export interface Examined {
  readonly notes: readonly ContractNote[]
  /** Where the contract's tables are for a new session; null where it got none. */
  readonly tables: readonly NamedTable[] | null
  /** What to do, where more is known than the failure itself said. */
  readonly remedy: string | null
  /** Where it failed, if not where the client was told. */
  readonly layer?: Layer
}

export interface Examination {
  readonly target: UsableTarget
  readonly result: ProbeResult
  readonly contract: ContractConfig
  /** Of all contracts that go to the same address. */
  readonly demands: readonly Demand[]
  readonly signal: AbortSignal
}

const limits = {
  tlsMs: { default: 3_000, unit: 'ms', why: 'two round trips and a signature' },
} as const

/**
 * What one answer does not show: how long its encryption holds, whether a pool of sessions finds its places, where the names of its
 * tables lead, whether it could write, what a pooler makes of prepared statements. Once, with new sessions, writing nothing.
 */
export async function examine(examination: Examination): Promise<Examined> {
  const { target, result, contract, signal } = examination
  const { fact } = result
  const { settings } = target
  if (fact.ok && settings.source.isReplication) {
    const shown = tlsNotes(await askTls(target, signal), { sslMode: settings.sslMode, nowMs: Date.now() })
    return { notes: [...shown, asReceiver], tables: null, remedy: null }
  }
  if (result.server === null) {
    const isTls = fact.layer === 'tls'
    const source = sourceOf(target)
    const remedy = isTls
      ? tlsRefusal({ code: fact.code, host: settings.host }, await askTls(target, signal), source)
      : null
    return { notes: [], tables: null, remedy }
  }
  const certificate = await askTls(target, signal)
  const encryption = tlsNotes(certificate, { sslMode: settings.sslMode, nowMs: Date.now() })
  const around = await lookAround(settings, namesOf(contract), signal)
  if (!around.ok) {
    const unseen = info(
      'sessions',
      'query',
      `its sessions, tables and rights were not looked at: ${redact(around.why)}`,
    )
    return { notes: [...encryption, unseen], tables: null, remedy: null }
  }
  const { view, isPooled } = around
  const declared = new Set(target.mustWrite ? contract.writes : [])
  return {
    notes: [
      ...encryption,
      ...(isPooled ? await throughPooler(examination) : await atServer(examination, view)),
      ...(target.mustWrite ? writeNotes(view, declared) : []),
      ...tableNotes(view, declared),
    ],
    tables: view.tables,
    remedy: fact.code === '42P01' ? missingTable(view, fact.message ?? '') : null,
  }
}

const asReceiver = info(
  'replication',
  'role',
  'tried as its receiver connects, to a walsender: it has no database, and so no canary, search path, pool or rights to write',
)

/** Tables that a contract names, in its canary and in `writes`. */
export const namesOf = ({ canary, writes = [] }: Pick<ContractConfig, 'canary' | 'writes'>): readonly string[] => [
  ...new Set([...(canary === null ? [] : tablesNamed(canary)), ...writes]),
]

export const sourceOf = ({ settings: { source } }: UsableTarget): string => `${source.file} (${source.keys.join(', ')})`

const askTls = async ({ settings }: UsableTarget, signal: AbortSignal) =>
  askCertificate(settings.address(), { signal, deadlineMs: limits.tlsMs.default })

function missingTable(view: OwnView, message: string): string | null {
  const lost = view.tables.find(({ name, schema }) => schema === null && message.includes(`"${name}"`))
  return lost ? notFound(view, lost).remedy : null
}

/** Behind a pooler its own limits count, and what it makes of transactions. */
async function throughPooler(examination: Examination): Promise<readonly ContractNote[]> {
  const { target, contract, demands, signal } = examination
  const { settings } = target
  const known = await limitsOfPooler(settings, signal)
  const isTried = contract.prepared !== false
  const name = isTried ? `antemortem_${randomBytes(8).toString('hex')}` : null
  const found = await tryNamedStatement(async () => openLike(settings, signal), { name, signal })
  const { more, note } = clientsToTry(known, found, settings.pool.poolMax)
  return [
    ...poolerNotes(known, demands),
    isTried ? preparedNote(found, contract.prepared ?? null) : notUsed,
    ...(note ? [note] : await openPool(examination, more, true)),
  ]
}

/** At the server itself: the sum of all pools, and this one at once. */
async function atServer(examination: Examination, view: OwnView): Promise<readonly ContractNote[]> {
  const { target, demands } = examination
  const { contract, instance, settings } = target
  const own = { contract, instance, user: view.user, database: view.database, poolMax: settings.pool.poolMax }
  const { more, note } = sessionsToTry(view.room, own)
  return [...arithmeticNotes(view.room, own, demands), ...(note ? [note] : await openPool(examination, more, false))]
}

async function openPool(
  { target, signal }: Examination,
  more: number,
  isPooled: boolean,
): Promise<readonly ContractNote[]> {
  const { settings } = target
  const { poolMax } = settings.pool
  if (more < 1 || poolMax === null) return []
  const wanted = more + 1
  const { ms, failure, opened } = await openAtOnce(settings, wanted, signal)
  if (!failure) return [openedNote({ wanted, poolMax, ms, isPooled })]
  const { layer, code, message, remedy } = layerOf(failure, contextOf(settings, null))
  return [
    {
      about: 'sessions',
      severity: 'error',
      layer: layer ?? 'capacity',
      code,
      message: redact(`of the ${wanted} sessions of its pool ${opened} were opened at once: ${message}`),
      remedy,
    },
  ]
}

import type { Layer } from '../../core/facts/cluster.ts'
import { readLoginFacts } from '../../engines/postgres/logins/refused-login.ts'
import { addressText } from '../../engines/postgres/index.ts'
import type { ProbeResult } from '../probe.ts'
import type { UsableTarget } from '../targets.ts'
import { sourceOf } from './examine.ts'
import type { NodeReaders } from './node-readers.ts'
import { openLike } from './own-session.ts'
import { remedyFor } from './refused.ts'

const limits = {
  askMs: { default: 3_000, unit: 'ms', why: 'two rows of the catalog' },
} as const

/** What the client was told says too little: these are asked about at the node itself. */
const asked = /^(?:28P01|28000|53300|08P01)$/

export interface Explained {
  readonly remedy: string
  /** Where it failed, if not where the client was told. */
  readonly layer?: Layer
}

/**
 * Why a login was refused, by what the reading role sees on the node, and behind a pooler by the same login at the server itself.
 * Null where nothing more is known.
 */
export async function explain(
  target: UsableTarget,
  { fact, remedy }: Pick<ProbeResult, 'fact' | 'remedy'>,
  readers: NodeReaders,
  signal: AbortSignal,
): Promise<Explained | null> {
  const { code } = fact
  if (fact.ok || !asked.test(code ?? '')) return null
  if (code === '08P01') return directly(target, { fact, remedy }, readers, signal)
  const { settings, node } = target
  const reader = await readers.reach(node)
  if (!reader) return null
  const { user, database } = settings
  const facts = await readLoginFacts(reader, { user, database }, { signal, deadlineMs: limits.askMs.default })
  const known = facts && remedyFor({ code, user, database, source: sourceOf(target), node }, facts)
  return known === null ? null : { remedy: known }
}

/** A pooler has one SQLSTATE for whatever it meets: the same login without it tells which of the two is in the way. */
async function directly(
  target: UsableTarget,
  { fact, remedy }: Pick<ProbeResult, 'fact' | 'remedy'>,
  readers: NodeReaders,
  signal: AbortSignal,
): Promise<Explained | null> {
  const place = readers.placeOf(target.node)
  const { settings } = target
  if (!place || (place.host === settings.host && place.port === settings.port)) return null
  const there = settings.at(place)
  const opened = await openLike(there, signal)
  const where = addressText(there.address())
  const own = remedy === null ? '' : ` ${remedy}`
  if (opened.ok) {
    await opened.session.close()
    return { remedy: `At the server itself (${where}) the same login works, so it is the pooler.${own}` }
  }
  const { layer, message } = opened.failure
  // It waits in vain for a server that is away, and says the same as when it is full.
  const isAway = fact.layer === 'capacity' && layer !== 'capacity'
  const words = `At the server itself the same login fails as well: ${message}.`
  return isAway ? { remedy: `${words} The pooler does not get to it.`, layer } : { remedy: `${words}${own}` }
}

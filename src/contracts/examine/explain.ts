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
const asked = /^(?:28P01|28000|3D000|55000|42501|53300|08P01)$/

/**
 * Why a login was refused, by what the reading role sees on the node, and behind a pooler by the same login at the server itself.
 * Null where nothing more is known.
 */
export async function explain(
  target: UsableTarget,
  { fact }: Pick<ProbeResult, 'fact'>,
  readers: NodeReaders,
  signal: AbortSignal,
): Promise<string | null> {
  const { settings, node } = target
  const { code, layer } = fact
  if (fact.ok || !asked.test(code ?? '') || layer === 'role' || layer === 'query') return null
  const reader = await readers.reach(node)
  if (!reader) return null
  const { user, database } = settings
  const limitsOf = { signal, deadlineMs: limits.askMs.default }
  const facts = await readLoginFacts(reader, { user, database }, limitsOf)
  const known = facts && remedyFor({ code, user, database, source: sourceOf(target), node }, facts)
  if (code !== '08P01') return known
  const direct = await directly(target, readers, signal)
  return [direct, known].filter((part) => part !== null).join(' ') || null
}

/** A pooler has one SQLSTATE for whatever it meets: the same login without it tells which of the two is in the way. */
async function directly(target: UsableTarget, readers: NodeReaders, signal: AbortSignal): Promise<string | null> {
  const place = readers.placeOf(target.node)
  const { settings } = target
  if (!place || (place.host === settings.host && place.port === settings.port)) return null
  const there = settings.at(place)
  const opened = await openLike(there, signal)
  const where = addressText(there.address())
  if (!opened.ok) return `At the server itself the same login fails as well: ${opened.failure.message}.`
  await opened.session.close()
  return `At the server itself (${where}) the same login works: it is the pooler.`
}

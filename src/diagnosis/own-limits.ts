import type { Case, Evidence } from '../core/diagnosis.ts'
import type { ContractFact, Layer } from '../core/facts/cluster.ts'
import { contractsOf, factOf, nodeOf } from './look.ts'
import { partOf, type ChangedKey } from './settings-keys.ts'

/** Limits that an application sets itself: how many sessions it takes, how long it waits. Shown by numbers, not by a probe. */

const numberOf = (text: string | null | undefined): number | null =>
  text != null && /^\d{1,9}$/.test(text) ? Number(text) : null

/** Sessions that a server has for everybody, without those that are kept for its administrators. */
export function slotsOf(c: Case, name: string): { readonly slots: number; readonly total: number } | null {
  const node = nodeOf(c, name)
  const sessions = node && factOf(node, 'sessions')
  return sessions ? { slots: sessions.maxConnections - sessions.reserved, total: sessions.total } : null
}

/** A server is used up where fewer than one in twenty of its slots is left. */
export const isUsedUp = ({ slots, total }: { readonly slots: number; readonly total: number }): boolean =>
  total >= 0.95 * slots

/**
 * Does the new size of the pools use up the server? By its own count: the slots are gone, the application's login holds most of
 * them, the new size reaches that far, and the old one did not.
 */
export function poolUsesUp(c: Case, changed: readonly ChangedKey[], name: string): readonly Evidence[] {
  const node = nodeOf(c, name)
  const use = (node && factOf(node, 'activity')?.use) ?? []
  const logins = new Set(contractsOf(c).flatMap(({ role }) => (role === null ? [] : [role])))
  const held = use.filter(({ role }) => role !== null && logins.has(role)).reduce((sum, { total }) => sum + total, 0)
  const pools = changed.filter(({ part }) => part === 'pool-max' || part === 'pool-min')
  const known = slotsOf(c, name)
  if (!known || !isUsedUp(known) || pools.length === 0 || 2 * held < known.slots) return []
  const grown = pools.filter(({ key }) => (numberOf(key.value) ?? 0) > (numberOf(key.lastGood) ?? 0))
  const reach = (kind: 'lastGood' | 'value'): number =>
    pools
      .filter(({ part }) => part === 'pool-max' || !pools.some((other) => other.part === 'pool-max'))
      .reduce((sum, { key }) => sum + (numberOf(key[kind]) ?? 0), 0)
  const [now, before] = [reach('value'), reach('lastGood')]
  // Others hold their slots as well: those are not the application's to take.
  const free = known.slots - (known.total - held)
  if (grown.length === 0 || now < free || before >= free || held <= before) return []
  return [
    {
      words: `${held} of ${known.slots} sessions of ${name} are the application's; its pools may now hold ${now}, and could hold ${before} when it last worked`,
      node: name,
      source: 'pg_stat_activity, settings file',
      values: { held, slots: known.slots, pools_now: now, pools_before: before },
    },
  ]
}

/** A probe logs in, greets and asks: so many answers, and one to spare, are in its time. */
const roundTrips = 6

/** Too late for the contract, and answered all the same: its time is known. */
const isAnsweredLate = ({ layer, code, roundTripMs }: ContractFact): boolean =>
  layer === 'latency' && (code === null || typeof roundTripMs === 'number')

/**
 * A limit of the client's own that is now shorter than one answer takes on its way, and was longer: what it gives up is not late.
 */
export function lateByOwnLimit(c: Case, changed: ChangedKey, node: string, layer: Layer): readonly Evidence[] {
  const { key, file } = changed
  const [now, before] = [numberOf(key.value), numberOf(key.lastGood)]
  if (layer !== 'latency' || !/timeout/.test(partOf(key.key)) || now === null || now === 0) return []
  if (before !== null && before !== 0 && before <= now) return []
  const answers = contractsOf(c).filter(
    (result) =>
      result.instance === file.instance &&
      result.node === node &&
      result.route === 'application' &&
      (result.ok || isAnsweredLate(result)),
  )
  const fastest = Math.min(...answers.map(({ ms, roundTripMs }) => roundTripMs ?? ms / roundTrips))
  const usual = before === null || before === 0 ? Number.POSITIVE_INFINITY : before
  if (answers.length === 0 || fastest <= now || fastest >= usual) return []
  return [
    {
      words: `${key.key} in ${file.file} is ${now} ms, and ${node} answers ${file.instance} in ${Math.round(fastest)} ms; it was ${before ?? 'not set'}`,
      node: null,
      source: 'settings file, probe',
      values: { key: key.key, timeout_ms: now, answer_ms: Math.round(fastest), before_ms: before },
    },
  ]
}

import type { Case, Evidence, Match } from '../core/diagnosis.ts'
import type { LogEntryFact } from '../core/facts/cluster.ts'
import type { NodeView } from '../core/snapshot.ts'
import { subject } from '../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from './effects.ts'
import { evidenceOf } from './evidence.ts'
import { contractHarm, outcomeHarm } from './harm.ts'
import { beganSinceGood, clientHarm, entryEvidence, errorsOn, logEffects, type IsSuch } from './log-errors.ts'
import { factOf } from './look.ts'
import { isLogRead } from './server-log.ts'
import { hasPath, relationOf, relationSubject, type Relation } from './relations.ts'

/** Damage that a server itself reports of one relation, from its log and its count of checksum failures. */
export interface Damage {
  /** null: of a relation that the lines do not tell, or that is none of the user's tables. */
  readonly relation: Relation | null
  readonly entries: readonly LogEntryFact[]
}

/** Damage stays: what was met within the ten minutes that the log is kept is still there. */
const keptMs = 600_000

/** By relation. A line that names neither file nor relation may be anybody's: an application can raise any SQLSTATE. */
export function damagesOn(c: Case, node: string, isSuch: IsSuch): readonly Damage[] {
  const found = errorsOn(c, node, isSuch, keptMs)
    .map((entry) => ({ entry, relation: relationOf(c, entry) }))
    .filter(({ entry, relation }) => relation !== null || hasPath(entry) || isCounted(c, node))
  const groups = Map.groupBy(found, ({ relation }) => relationSubject(node, relation))
  return [...groups.values()].map((group) => ({
    relation: group[0]?.relation ?? null,
    entries: group.map(({ entry }) => entry),
  }))
}

const failuresOf = (view: NodeView): number =>
  (factOf(view, 'databases') ?? []).reduce((sum, { checksumFailures }) => sum + (checksumFailures ?? 0), 0)

const grownBy = (c: Case, node: string): number => {
  const [now, past] = [c.snapshot, c.earlier].map((snapshot) => snapshot?.nodes.find(({ name }) => name === node))
  return now && past ? failuresOf(now) - failuresOf(past) : 0
}

/** The server counted pages with a wrong checksum, and did not when all was good. */
const isCounted = (c: Case, node: string): boolean => {
  const view = c.snapshot.nodes.find(({ name }) => name === node)
  const lastMs = Math.max(
    0,
    ...((view && factOf(view, 'databases')) ?? []).map((each) => each.checksumLastFailureMs ?? 0),
  )
  return grownBy(c, node) > 0 || (c.lastGoodMs !== null && lastMs > c.lastGoodMs)
}

/** Where nobody reads the log, what the server has counted says that pages are damaged, and not whose. */
export const countedOn = (c: Case, node: string): readonly Damage[] =>
  !isLogRead(c, node) && isCounted(c, node) ? [{ relation: null, entries: [] }] : []

/** How often the checksum of a page was wrong. It says that there is damage, and not whose. */
export function checksumEvidence(c: Case, node: string): readonly Evidence[] {
  const view = c.snapshot.nodes.find(({ name }) => name === node)
  if (!view || !isCounted(c, node)) return []
  const count = failuresOf(view)
  return [
    evidenceOf(node, 'pg_stat_database', `${node} has counted ${count} pages with a wrong checksum`, {
      checksum_failures: count,
      grown_by: grownBy(c, node),
    }),
  ]
}

export interface Told {
  readonly node: string
  readonly damage: Damage
  readonly codes: readonly string[]
  /** Several relations are damaged there: then a code alone does not say whose failures they are. */
  readonly isOnly: boolean
}

/** What every damage has in common: who feels it, since when, what it explains. */
export function damageMatch(
  c: Case,
  { node, damage, codes, isOnly }: Told,
): Pick<Match, 'subject' | 'direct' | 'harm' | 'isNew' | 'explains' | 'objects'> {
  const { relation, entries } = damage
  const fits = (code: string): boolean => codes.includes(code)
  const isOwn: IsSuch = (entry) =>
    fits(entry.code ?? '') && relationSubject(node, relationOf(c, entry)) === relationSubject(node, relation)
  const byCode = [...outcomeHarm(c, node, fits), ...contractHarm(c, node, ({ code }) => fits(code ?? ''))]
  const own = clientHarm(c, node, isOwn)
  const settings = ['fsync', 'full_page_writes', 'ignore_checksum_failure', 'zero_damaged_pages', 'data_sync_retry']
  return {
    subject: relationSubject(node, relation),
    direct: [...entries.map(entryEvidence), ...checksumEvidence(c, node)],
    harm: [...own, ...(isOnly || own.length > 0 ? byCode : [])],
    isNew: beganSinceGood(c, entries),
    explains: [
      ...outcomeEffects(c, node, fits),
      ...contractEffects(c, node, ({ code }) => fits(code ?? '')),
      ...logEffects(c, node, ({ code }) => fits(code ?? '')),
      // Whatever else its log says: these are about nothing but damage.
      ...['errors/corruption-signature', 'integrity/checksum-failures', 'integrity/amcheck'].flatMap((check) =>
        findingsOf(c, check, node),
      ),
    ],
    // Not the node: its restart is told before the settings that it brought, and damages nothing by itself. Nor does a change of
    // the table that is damaged.
    objects: settings.map((name) => subject.setting(node, name)),
  }
}

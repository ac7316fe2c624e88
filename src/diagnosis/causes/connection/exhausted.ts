import type { Case, Cause, Evidence } from '../../../core/diagnosis.ts'
import type { ContractFact } from '../../../core/facts/cluster.ts'
import type { SessionUseFact } from '../../../core/facts/postgres/activity.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { contractEvidence } from '../../instances.ts'
import { compare, factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { isUsedUp, slotsOf } from '../../own-limits.ts'
import { refusalsOn } from '../../refusals.ts'
import { changedKeys } from '../../settings-keys.ts'

const fits = (code: string): boolean => code === '53300'
/** By the server's slots; a role's or database's own limit is another cause's. */
const isSuch = ({ layer, message }: ContractFact): boolean =>
  layer === 'capacity' && !/too many connections for/.test(message ?? '')

/**
 * All slots of the server are taken. Who holds them is in `pg_stat_activity`: one application whose sessions idle and grow is a
 * leak, and named; where the slots became fewer, the setting is.
 */
const cause: Cause = {
  id: 'connection/exhausted',
  taxonomy: 'connections-exhausted',
  title: 'the server has no connection left',
  follows: ['connection/settings-changed', 'contention/lock', 'capacity/overload', 'replication/sync-standby-missing'],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const { name } = node
      const known = slotsOf(c, name)
      const refusals = refusalsOn(c, name, { isSuch, fits })
      const isFull = known !== null && isUsedUp(known)
      if (!isFull && refusals.results.length === 0) continue
      const leak = leakOn(c, node)
      const setting = subject.setting(name, 'max_connections')
      const lowered = newsOf(c, [setting], ({ before, after }) => Number(after) < Number(before))
      const full: readonly Evidence[] = isFull
        ? [
            {
              words: `${known.total} of ${known.slots} slots of ${name} are taken${biggest(node)}`,
              node: name,
              source: 'pg_stat_activity',
              values: { sessions: known.total, slots: known.slots },
            },
          ]
        : []
      // Pools that may now be larger explain it as well: until that is decided, the server's side excludes nothing.
      const mayBePools = changedKeys(c).some(({ part }) => part === 'pool-max' || part === 'pool-min')
      yield {
        subject: leak ? subject.application(name, leak.use.application) : lowered.length > 0 ? setting : name,
        direct: mayBePools || refusals.mayBeOwn ? [] : [...full, ...(full.length > 0 && leak ? [leak.evidence] : [])],
        indirect: [...full, ...(leak ? [leak.evidence] : []), ...refusals.results.map(contractEvidence)],
        harm: refusals.harm,
        // All contracts connected when all was good: there were slots.
        isNew: c.lastGoodMs !== null,
        explains: [
          ...contractEffects(c, name, isSuch),
          ...outcomeEffects(c, name, fits),
          ...besides.flatMap((check) => findingsOf(c, check, name)),
        ],
        objects: leak ? [subject.application(name, leak.use.application), setting] : [setting],
        ...(!isFull && {
          missing: `who holds the sessions of ${name}: pg_stat_activity there, SHOW POOLS where a pooler is between`,
        }),
        remedy: {
          words: leak
            ? `Restart ${leak.use.application}, or end its idle sessions, then find what it does not give back.`
            : 'End what idles, then make the pools smaller than the server has slots; a larger max_connections needs a restart, standbys first.',
          commands: [
            `on ${name}: select usename, application_name, state, count(*), max(now() - state_change) from pg_stat_activity where backend_type = 'client backend' group by 1, 2, 3 order by 4 desc;`,
            ...(leak
              ? [
                  `on ${name}: select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${leak.use.application.replaceAll("'", "''")}' and state = 'idle' and state_change < now() - interval '1 min';`,
                ]
              : []),
          ],
        },
      }
    }
  },
}
export default cause

const besides = [
  'connections/saturation',
  'connections/auth',
  'connections/reachable',
  'connections/idle-in-transaction',
]

const usesOf = (node: NodeView | undefined): readonly SessionUseFact[] => (node && factOf(node, 'activity')?.use) ?? []

const byTotal = (a: SessionUseFact, b: SessionUseFact): number =>
  b.total - a.total || compare(a.application, b.application) || compare(a.role ?? '', b.role ?? '')

function biggest(node: NodeView): string {
  const [use] = usesOf(node).toSorted(byTotal)
  return use ? `, ${use.total} by ${use.application || use.role || 'somebody without a name'}` : ''
}

/** One application holds half of the slots, nearly all of its sessions idle, and they have become more. */
function leakOn(c: Case, node: NodeView): { readonly use: SessionUseFact; readonly evidence: Evidence } | null {
  const slots = slotsOf(c, node.name)?.slots ?? 0
  const past = usesOf(c.earlier?.nodes.find(({ name }) => name === node.name))
  const use = usesOf(node)
    .toSorted(byTotal)
    .find(({ application, total, idle, idleInTransaction }) => {
      const before = past.filter((each) => each.application === application).reduce((sum, each) => sum + each.total, 0)
      return application !== '' && 2 * total >= slots && idle + idleInTransaction >= 0.8 * total && total > before
    })
  if (!use || !c.earlier) return null
  return {
    use,
    evidence: {
      words: `${use.application} holds ${use.total} sessions of ${node.name}, ${use.idle + use.idleInTransaction} of them idle, and more than before`,
      node: node.name,
      source: 'pg_stat_activity',
      values: { sessions: use.total, idle: use.idle, idle_in_transaction: use.idleInTransaction },
    },
  }
}

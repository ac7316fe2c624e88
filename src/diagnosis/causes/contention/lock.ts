import type { Case, Cause, Evidence } from '../../../core/diagnosis.ts'
import type { ContractFact } from '../../../core/facts/cluster.ts'
import type { BlockedFact } from '../../../core/facts/postgres/sessions.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { isLate } from '../../connection-codes.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { contractEvidence, instanceHarm } from '../../instances.ts'
import { contractsOf, factOf } from '../../look.ts'
import { blockedOn } from '../../waiting.ts'

const fits = (code: string): boolean => isLate(code) || code === '55P03' || code === '40P01'
const isSuch = ({ layer, code }: ContractFact): boolean => layer === 'latency' || fits(code ?? '')

/**
 * Sessions wait for a lock that another one holds. From outside it looks like a slow network, in CPU like nothing at all. Who holds
 * it stands in `pg_blocking_pids()`.
 */
const cause: Cause = {
  id: 'contention/lock',
  taxonomy: 'lock-contention',
  title: 'sessions wait for a lock that another session holds',
  // A commit that waits for its standby keeps its locks.
  follows: ['replication/sync-standby-missing'],
  *recognise(c) {
    for (const node of c.snapshot.nodes)
      for (const queue of queuesOn(c, node.name)) {
        const { name } = node
        const [first] = queue.waiting
        if (!first) continue
        const isNew = c.lastGoodMs !== null && first.waitMs < c.atMs - c.lastGoodMs
        const began = c.atMs - Math.max(first.waitMs, queue.holder?.blockerXactMs ?? 0)
        const harm = isTheirs(c, queue) ? harmSince(c, name, began) : []
        const followers = c.snapshot.nodes.filter(({ role, upstream }) => role === 'standby' && upstream === name)
        const held: Evidence = {
          words: `${queue.waiting.length} ${queue.waiting.length === 1 ? 'session' : 'sessions'} on ${name} wait up to ${Math.round(first.waitMs / 100) / 10} s for ${first.relation ?? 'an object'}, held by ${holderWords(node, queue)}`,
          node: name,
          source: 'pg_blocking_pids(), pg_stat_activity',
          values: {
            blocker_pid: queue.pid,
            blocker_role: queue.holder?.blockerRole ?? null,
            blocker_state: queue.holder?.blockerState ?? null,
            blocker_xact_ms: queue.holder?.blockerXactMs ?? null,
            relation: first.relation,
            waiters: queue.waiting.length,
            longest_ms: Math.round(first.waitMs),
          },
        }
        // It does not hold the lock: its commit waits for a standby.
        const isCommitting = (factOf(node, 'activity')?.long ?? []).some(
          ({ pid, waitEvent }) => pid === queue.pid && waitEvent === 'SyncRep',
        )
        yield {
          subject: first.relation === null ? name : `${name}:${first.relation}`,
          direct: isCommitting ? [] : [held],
          indirect: isCommitting ? [held] : [],
          harm,
          isNew,
          explains: [name, ...followers.map((follower) => follower.name)].flatMap((each) => [
            ...contractEffects(c, each, isSuch),
            ...outcomeEffects(c, each, fits),
            ...besides.flatMap((check) => findingsOf(c, check, each)),
          ]),
          // A change that holds the lock is not seen before it is through.
          objects: [],
          remedy: remedyOf(name, queue.pid),
        }
      }
  },
}
export default cause

const besides = [
  'capacity/locks-blocking',
  'capacity/long-transaction',
  'connections/idle-in-transaction',
  'replication/lag-time',
]

interface Queue {
  readonly pid: number
  /** A row that names the holder itself. */
  readonly holder: BlockedFact | undefined
  readonly waiting: readonly BlockedFact[]
}

/** By who holds the lock and waits for nobody, longest first. */
function queuesOn(c: Case, node: string): readonly Queue[] {
  const blocked = blockedOn(c, node)
  const waits = new Set(blocked.map(({ pid }) => pid))
  const roots = [...new Set(blocked.map(({ blockerPid }) => blockerPid))].filter((pid) => !waits.has(pid))
  return roots.map((pid) => {
    const behind = new Set([pid])
    for (let before = 0; behind.size > before;) {
      before = behind.size
      for (const each of blocked) if (behind.has(each.blockerPid)) behind.add(each.pid)
    }
    const waiting = blocked.filter(
      ({ pid: own, blockerPid }, n) => behind.has(blockerPid) && blocked.findIndex((each) => each.pid === own) === n,
    )
    return { pid, holder: blocked.find(({ blockerPid }) => blockerPid === pid), waiting }
  })
}

/** Does the application wait, or somebody else whose waiting hurts nobody? */
function isTheirs(c: Case, { waiting }: Queue): boolean {
  const logins = new Set(contractsOf(c).flatMap(({ role }) => (role === null ? [] : [role])))
  return logins.size === 0 || waiting.some(({ role }) => role !== null && logins.has(role))
}

/** A look at the locks and a word of the application are some seconds apart. */
const slackMs = 2_000

/** What fails on the node, unless it did so before the lock was taken. */
function harmSince(c: Case, node: string, beganMs: number): readonly Evidence[] {
  const isOlder = c.findings.some(
    ({ check, node: where, sinceMs }) =>
      (check === 'application/outcomes' || check === 'connections/contract') &&
      where === node &&
      sinceMs < beganMs - slackMs,
  )
  if (isOlder) return []
  return [
    ...contractsOf(c)
      .filter((result) => result.node === node && !result.ok && isSuch(result))
      .map(contractEvidence),
    ...instanceHarm(c, node, { instances: null }, fits),
  ]
}

/** pg_blocking_pids() says 0 for a prepared transaction. */
function holderWords(node: NodeView, { pid, holder }: Queue): string {
  if (pid === 0) return 'a prepared transaction'
  const long = factOf(node, 'activity')?.long.find((each) => each.pid === pid)
  const who = [holder?.blockerRole, long?.application].filter((text) => text != null && text !== '').join(', ')
  const age = holder?.blockerXactMs == null ? '' : `, in a transaction for ${Math.round(holder.blockerXactMs / 1000)} s`
  return `pid ${pid}${who === '' ? '' : ` (${who})`}${holder?.blockerState == null ? '' : `, ${holder.blockerState}`}${age}`
}

const remedyOf = (node: string, pid: number) =>
  pid === 0
    ? {
        words:
          'Ask the owner of the prepared transaction, then end it: no session holds it, nothing can be terminated.',
        commands: [
          `on ${node}: select gid, prepared, owner, database from pg_prepared_xacts order by prepared;`,
          `on ${node}, in its database: rollback prepared 'GID';`,
        ],
      }
    : {
        words: `Look at what pid ${pid} does; a transaction that idles is rolled back by ending its session.`,
        commands: [
          `on ${node}: select pid, usename, application_name, state, xact_start, query from pg_stat_activity where pid = ${pid};`,
          `on ${node}: select pg_terminate_backend(${pid});`,
        ],
      }

import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { stuckNodes } from '../../applies.ts'
import { followersOf, isPaused, notFollowing } from '../../described.ts'
import type { Rehearsal } from '../../rehearsal.ts'
import type { GateFindingDraft } from '../../rule.ts'
import { defineRule } from '../../rule.ts'
import { standbyCulprit } from '../../culprit.ts'

/** After a restart of every server each stream must come back by itself: old connections hide what new ones meet. */
export default defineRule({
  id: 'replication/stream-stops',
  consequence: 'replication/standby-disconnected',
  severity: 'error',
  question: 'Do the standbys stream and replay, and are the slots in use, after every server was restarted?',
  *run(rehearsal) {
    const { before, changed, after, starts, primary, applies } = rehearsal
    const down = new Set(starts.filter(({ failure }) => failure !== null).map(({ node }) => node))
    for (const node of followersOf(after, 'standby')) {
      if (down.has(node.name) || down.has(primary)) continue
      const [then, between] = [before, changed].map(({ nodes }) => nodes.find(({ name }) => name === node.name))
      // A pause does not outlive the restart; in production nobody restarts.
      const words = notFollowing(node) ?? (between && isPaused(between) ? 'has paused its replay' : null)
      if (words === null || (then && notFollowing(then) !== null)) continue
      yield ofStandby(node, words, rehearsal)
    }
    // A worker that fails again and again holds its slot only now and then.
    if (down.size > 0 || stuckNodes(applies).size > 0) return
    const slots = slotsOf(before, primary)
    for (const [name, isActive] of slotsOf(after, primary))
      if (!isActive && slots.get(name) !== false)
        yield {
          object: subject.slot(primary, name),
          nodes: [primary],
          severity: 'warning',
          consequence: 'capacity/slot-retains-wal',
          message: `slot ${name} on ${primary} ${slots.has(name) ? 'is in use before the change and not after it' : 'is new and not in use'}: it keeps WAL for nobody`,
          remedy: slots.has(name)
            ? 'Leave its consumer as it is: when it comes back it reads on where it stopped. Drop the slot only where nobody will read from it again: what it kept for its consumer is gone then.'
            : 'Make its consumer in the same change, or drop the slot again.',
          about: [],
        }
  },
})

/** What is done to a standby by a function rather than by a setting. */
const calls: Readonly<Record<string, string>> = {
  pg_promote: 'replication/split-brain',
  pg_wal_replay_pause: 'replication/delayed-apply',
}

function ofStandby(node: NodeView, words: string, rehearsal: Rehearsal): GateFindingDraft {
  const { primary, results } = rehearsal
  const called = Object.keys(calls).find((name) =>
    results.some((result) => result.node === node.name && result.error === null && result.statement.sql.includes(name)),
  )
  const culprit = standbyCulprit(node, rehearsal)
  const isTooSmall = culprit !== null && culprit.node === primary && isPaused(node)
  const object = called ?? culprit?.setting
  return {
    object: object === undefined ? subject.node(node.name) : subject.setting(node.name, object),
    // Where it hurts: the primary, whose setting is too large for a standby, goes on.
    nodes: [...new Set([node.name, ...(culprit === null || isTooSmall ? [] : [culprit.node])])],
    ...(called !== undefined && { consequence: calls[called] ?? '' }),
    ...(isTooSmall && { consequence: 'server/config-prevents-start' }),
    message: `${node.name} ${words} after the change${culprit === null ? '' : ` (${culprit.setting} on ${culprit.node})`}${isTooSmall ? '; started anew it does not come up' : ''}`,
    remedy: isTooSmall
      ? `Raise ${culprit.setting} on ${node.name} first and restart it, then on ${primary}; lower it the other way round.`
      : `Look at the settings that the change makes on ${primary}: a standby needs at least the same max_connections, max_worker_processes, max_wal_senders, max_prepared_transactions and max_locks_per_transaction, and its slot and login.`,
    about: [],
  }
}

const slotsOf = (snapshot: { readonly nodes: readonly NodeView[] }, node: string): ReadonlyMap<string, boolean> => {
  const slots = snapshot.nodes.find(({ name }) => name === node)?.facts.replicationSlots
  return new Map(
    slots?.seen ? slots.value.flatMap(({ name, active, temporary }) => (temporary ? [] : [[name, active]])) : [],
  )
}

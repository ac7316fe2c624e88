import { subject } from '../../../../core/subject.ts'
import type { ReviewInput } from '../../input.ts'
import { factOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

interface Shortage {
  readonly words: string
  readonly consequence: string
  readonly isCounted: boolean
}

/** A limit below what is in use keeps somebody out at the next reconnect, or the server from starting. */
export default defineReviewRule({
  id: 'configuration/too-few',
  consequence: 'connection/exhausted',
  severity: 'error',
  question: 'Is there room for every slot, sender, worker and connection that is in use?',
  *run(input) {
    for (const { name, value, nodes, at } of input.settings)
      for (const node of nodes) {
        const wanted = value === null || value.trim() === '' ? NaN : Number(value)
        const short = Number.isInteger(wanted) ? limits[name]?.(input, node, wanted) : null
        if (short)
          yield {
            object: subject.setting(node, name),
            nodes: [node],
            consequence: short.consequence,
            severity: short.isCounted ? 'error' : 'warning',
            message: `${name} = ${wanted} on ${node}: ${short.words}`,
            remedy: 'Set it above what is in use, with room for a base backup and a reconnect.',
            at,
            basis: short.isCounted ? 'topology' : 'text',
          }
      }
  },
})

type Limit = (input: ReviewInput, node: string, wanted: number) => Shortage | null

const limits: Readonly<Record<string, Limit>> = {
  max_replication_slots: (input, node, wanted) => {
    const slots = factOf(input, node, 'replicationSlots')?.length ?? 0
    return wanted < slots
      ? {
          words: `it has ${slots} slots, and does not start again`,
          consequence: 'server/config-prevents-start',
          isCounted: true,
        }
      : null
  },
  max_wal_senders: (input, node, wanted) => {
    const consequence = 'replication/standby-disconnected'
    const senders = factOf(input, node, 'senders')
    if (senders !== null && wanted < senders.length)
      return {
        words: `${senders.length} stream from it now, and not all of them get in again (53300)`,
        consequence,
        isCounted: true,
      }
    return senders === null && wanted <= 1
      ? {
          words: 'a standby and a subscriber, or a standby and a base backup, do not fit',
          consequence,
          isCounted: false,
        }
      : null
  },
  max_logical_replication_workers: (input, node, wanted) => {
    const count = factOf(input, node, 'subscriptions')?.filter(({ enabled }) => enabled).length ?? null
    const consequence = 'replication/subscriber-disconnected'
    if (count !== null && wanted < count)
      return {
        words: `it has ${count} ${count === 1 ? 'subscription' : 'subscriptions'}, and each needs a worker: nothing arrives, and no error says so`,
        consequence,
        isCounted: true,
      }
    return count === null && wanted === 0
      ? { words: 'no subscription can run, and no error says so', consequence, isCounted: false }
      : null
  },
  max_connections: (input, node, wanted) => {
    const consequence = 'connection/exhausted'
    const sessions = factOf(input, node, 'sessions')
    if (sessions !== null && wanted < sessions.total + sessions.reserved)
      return {
        words: `${sessions.total} sessions are open and ${sessions.reserved} places reserved: new ones are refused (53300)`,
        consequence,
        isCounted: true,
      }
    return wanted < 20
      ? {
          words: 'less the places that are reserved and those of monitoring, a few pools use them up (53300)',
          consequence,
          isCounted: false,
        }
      : null
  },
}

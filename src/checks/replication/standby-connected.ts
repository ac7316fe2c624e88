import { defineCheck } from '../../core/check.ts'
import { subject } from '../../core/subject.ts'
import { hopsOf, senderOf } from '../../core/upstream.ts'

/** A standby without a receiver serves ever older rows, while the lag that most monitors compute stays 0. */
export default defineCheck({
  id: 'replication/standby-connected',
  on: ['postgres'],
  severity: 'error',
  needs: ['receiver', 'server', 'senders'],
  wants: ['settings', 'receiver', 'replicationSlots', 'senders'],
  wantsCluster: ['logs'],
  limits: {
    graceMs: {
      default: 10_000,
      unit: 'ms',
      why: 'a restart of the upstream or a switchover takes two to five seconds',
    },
    catchupMs: { default: 60_000, unit: 'ms', why: 'a standby that was away for a while has caught up by then' },
    sustainMs: {
      default: 5_000,
      unit: 'ms',
      why: 'a receiver that lost its connection tries again within wal_retrieve_retry_interval',
    },
  },
  sustainMs: 'sustainMs',
  question: 'Does every standby stream from its upstream?',
  seeds: [0, 1, 4],
  *run({ nodes, wanted, limits, atMs }) {
    for (const node of nodes) {
      if (!node.server.inRecovery) continue
      const { settings = {} } = node.wanted
      const streams = ({ receiver }: Pick<typeof node, 'receiver'>): boolean =>
        receiver.some(({ status }) => status === 'streaming')
      const source = hopsOf(node, nodes)[0]
      const sender = source ? senderOf(node, source) : null
      const base = { subject: subject.node(node.name), node: node.name }
      if (streams(node)) {
        if (!source || sender?.state !== 'catchup') continue
        const state = (past: (typeof source.earlier)[number]): string | undefined =>
          senderOf(node, { ...source, wanted: { senders: past.senders } })?.state
        const before = source.earlier.findLastIndex((past) => state(past) !== 'catchup')
        const forMs = atMs - (source.earlier[before + 1]?.atMs ?? atMs)
        if (forMs < limits.catchupMs) continue
        yield {
          ...base,
          severity: 'warning',
          message: `standby ${node.name} has been catching up for ${Math.round(forMs / 1000)} s`,
          evidence: {
            state: sender.state,
            sent_lsn: sender.sentLsn,
            replay_lsn: sender.replayLsn,
            upstream: source.name,
          },
          remedy: `See whether its lag grows or shrinks. If it grows: the network and the disk of ${node.name}, and whether a bulk job on ${source.name} can wait.`,
        }
        continue
      }
      // Fed by an archive alone: it is not meant to stream.
      if (settings['primary_conninfo'] === '' && (settings['restore_command'] ?? '') !== '') continue
      if (node.earlier.some((past) => atMs - past.atMs < limits.graceMs && streams(past))) continue
      const log = wanted.logs?.entries.findLast((entry) => entry.node === node.name && about.test(entry.message))
      yield {
        ...base,
        message: `standby ${node.name} does not stream from its upstream`,
        evidence: {
          receiver_status: node.receiver[0]?.status ?? null,
          upstream: node.upstream,
          upstream_state: sender?.state ?? null,
          primary_conninfo: settings['primary_conninfo'] ?? null,
          primary_slot_name: settings['primary_slot_name'] ?? null,
          log: log?.message ?? null,
        },
        remedy: `Compare primary_conninfo on ${node.name}, the access rules of its upstream and the replication login; the log of ${node.name} names the refusal.`,
      }
    }
  },
})

/** What the receiver says when it cannot stream. */
const about =
  /could not connect to the primary|WAL stream|WAL segment|replication slot|timeline|start(?:ing)? streaming|walreceiver|database system identifier/i

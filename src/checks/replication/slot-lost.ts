import { defineCheck } from '../../core/check.ts'
import { consumerOf } from '../../core/slot-consumer.ts'
import { sqlLiteral } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** A slot whose WAL is gone cannot be resumed: what its consumer has not received it will never receive. */
export default defineCheck({
  id: 'replication/slot-lost',
  on: ['postgres'],
  severity: 'error',
  harm: true,
  needs: ['replicationSlots', 'server'],
  wants: ['settings', 'subscriptionStates'],
  wantsCluster: ['contracts'],
  question: 'Has any replication slot lost the WAL that its consumer needs?',
  seeds: [1, 4],
  *run({ nodes, wanted }) {
    for (const node of nodes)
      for (const slot of node.replicationSlots) {
        const isLost = slot.walStatus === 'lost' || slot.invalidation !== null
        if (slot.temporary || (!isLost && slot.walStatus !== 'unreserved')) continue
        const consumer = consumerOf(slot, node.name, nodes)
        const isRead =
          consumer !== null &&
          consumer.role === 'subscriber' &&
          (wanted.contracts?.some((contract) => contract.node === consumer.name) ?? true)
        yield {
          subject: subject.slot(node.name, slot.name),
          node: node.name,
          severity: !isLost || slot.synced ? 'warning' : isRead ? 'critical' : 'error',
          message: isLost
            ? `slot ${slot.name} of ${node.name} has lost the WAL that ${consumer?.name ?? 'its consumer'} needs`
            : `slot ${slot.name} of ${node.name} loses its WAL at the next checkpoint`,
          evidence: {
            slot_type: slot.type,
            wal_status: slot.walStatus,
            invalidation_reason: slot.invalidation,
            active: slot.active,
            synced: slot.synced,
            restart_lsn: slot.restartLsn,
            consumer: consumer?.name ?? null,
            max_slot_wal_keep_size: node.wanted.settings?.['max_slot_wal_keep_size'] ?? null,
            idle_replication_slot_timeout: node.wanted.settings?.['idle_replication_slot_timeout'] ?? null,
          },
          remedy: remedyOf(slot, node.name, consumer?.name ?? 'its consumer', isLost),
        }
      }
  },
})

function remedyOf(
  slot: { readonly name: string; readonly type: 'physical' | 'logical'; readonly synced: boolean },
  node: string,
  consumer: string,
  isLost: boolean,
): string {
  if (!isLost)
    return `Have ${consumer} catch up now, and on ${node}: alter system set max_slot_wal_keep_size = -1; select pg_reload_conf(); Watch the disk of ${node} until it has.`
  if (slot.synced)
    return `The subscription would not survive a failover to ${node}. It is copied anew by itself while sync_replication_slots is on there; look into the log of ${node} if it is not.`
  const drop = `On ${node}: select pg_drop_replication_slot(${sqlLiteral(slot.name)});`
  return slot.type === 'physical'
    ? `If ${consumer} has a WAL archive (restore_command), let it catch up from there. Else rebuild it with pg_basebackup. ${drop} Then create it again.`
    : `Take reads away from ${consumer}. Its tables must be copied anew: empty them there, drop the subscription and create it again. ${drop}`
}

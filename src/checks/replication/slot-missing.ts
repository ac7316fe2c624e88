import { defineCheck } from '../../core/check.ts'
import { sqlLiteral } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

/** A standby that asks for a slot which is not there is refused; one without a slot is lost when it is away too long. */
export default defineCheck({
  id: 'replication/slot-missing',
  on: ['postgres'],
  severity: 'error',
  needs: ['settings', 'server', 'replicationSlots', 'receiver'],
  limits: {
    graceMs: { default: 10_000, unit: 'ms', why: 'after a switchover the slots are made within seconds' },
  },
  question: 'Does every standby have the slot that it asks for?',
  seeds: [0, 4],
  *run({ nodes, blind, limits, atMs }) {
    for (const node of nodes) {
      const source = nodes.find(
        ({ name, server }) => name === node.upstream && server.systemId === node.server.systemId,
      )
      const slot = node.settings['primary_slot_name']
      if (!node.server.inRecovery || !source || slot === undefined) continue
      const streams = ({ receiver }: Pick<typeof node, 'receiver'>): boolean =>
        receiver.some(({ status }) => status === 'streaming')
      const base = { subject: subject.node(node.name), node: node.name }
      if (slot === '') {
        const keep = Number(source.settings['wal_keep_size'] ?? 0)
        if (!streams(node) || node.settings['restore_command'] !== '' || keep > 0) continue
        yield {
          ...base,
          severity: 'warning',
          message: `${node.name} streams without a slot, and has no archive: WAL that it misses is gone`,
          evidence: { primary_slot_name: '', restore_command: '', wal_keep_size: keep, upstream: source.name },
          remedy: `On ${source.name}: ${create(`${node.name}_slot`)} On ${node.name}: alter system set primary_slot_name = ${sqlLiteral(plain(`${node.name}_slot`))}; select pg_reload_conf();`,
        }
        continue
      }
      if (streams(node) || node.earlier.some((past) => atMs - past.atMs < limits.graceMs && streams(past))) continue
      // In a cascade another standby may hold it, and what cannot be seen may be that one.
      const holders = nodes.filter(({ server }) => server.systemId === node.server.systemId)
      if (holders.some(({ replicationSlots }) => replicationSlots.some(({ name }) => name === slot))) continue
      if (blind.some(({ role }) => role !== 'subscriber')) continue
      yield {
        ...base,
        message: `${node.name} asks for slot ${slot}, which ${source.name} does not have`,
        evidence: {
          primary_slot_name: slot,
          upstream: source.name,
          slots: source.replicationSlots.map(({ name }) => name).join(', ') || null,
          receiver_status: node.receiver[0]?.status ?? null,
        },
        remedy: `On ${source.name}: ${create(slot)} ${node.name} tries again within wal_retrieve_retry_interval. If its log then says that WAL has already been removed, rebuild it.`,
      }
    }
  },
})

/** Slot names have lower-case letters, digits and underscores only. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9_]/g, '_')

const create = (name: string): string => `select pg_create_physical_replication_slot(${sqlLiteral(plain(name))}, true);`

import { defineCheck } from '../../core/check.ts'
import { capacitySettings, isNodeLocal } from '../../core/node-settings.ts'
import { alterSystem } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'
import { rootOf } from '../../core/upstream.ts'

/** A standby that differs in these would, as the next primary, lose data, refuse writes, or end the backups. */
const grave = new Set([
  'archive_mode',
  'default_transaction_read_only',
  'fsync',
  'full_page_writes',
  'max_replication_slots',
  'shared_preload_libraries',
  'ssl',
  'synchronous_commit',
  'wal_level',
])

/** Where the primary has these it is the one to mend, by checks of their own: nobody should be told to set a standby so. */
const worse: Readonly<Record<string, string>> = {
  archive_mode: 'off',
  default_transaction_read_only: 'on',
  fsync: 'off',
  full_page_writes: 'off',
  ssl: 'off',
  synchronous_commit: 'off',
}

/** Two servers that are to stand in for each other, and of which one was set otherwise: nothing shows it until the failover. */
export default defineCheck({
  id: 'configuration/node-drift',
  on: ['postgres'],
  severity: 'warning',
  needs: ['settings', 'server'],
  wants: ['settings', 'receiver', 'replicationSlots'],
  question: 'Is each physical standby set as its primary is?',
  seeds: [0, 2, 4],
  *run({ nodes }) {
    for (const node of nodes) {
      const primary = node.server.inRecovery ? rootOf(node, nodes) : null
      // Two versions have other defaults and other settings: they are told apart by their version.
      if (!primary || major(primary.server.versionNum) !== major(node.server.versionNum)) continue
      for (const [name, value] of Object.entries(node.settings)) {
        const wanted = primary.settings[name]
        if (wanted === undefined || wanted === value || isNodeLocal(name) || capacitySettings.has(name)) continue
        if (worse[name] === wanted) continue
        yield {
          subject: subject.setting(node.name, name),
          node: node.name,
          severity: grave.has(name) ? 'error' : 'warning',
          message: `${name} is ${value || 'empty'} on ${node.name} and ${wanted || 'empty'} on its primary ${primary.name}`,
          evidence: {
            name,
            standby: node.name,
            standby_setting: value,
            primary: primary.name,
            primary_setting: wanted,
          },
          remedy: `Decide which of the two is right. To set ${node.name} as ${primary.name}, on ${node.name}: ${alterSystem(name, wanted)} restart it if this says true: select pending_restart from pg_settings where name = '${name}';`,
        }
      }
    }
  },
})

const major = (versionNum: number): number => Math.floor(versionNum / 10_000)

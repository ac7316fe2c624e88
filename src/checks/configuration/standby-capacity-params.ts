import { defineCheck } from '../../core/check.ts'
import { capacitySettings } from '../../core/node-settings.ts'
import { subject } from '../../core/subject.ts'
import { rootOf } from '../../core/upstream.ts'

/**
 * Since 14 a standby with less room than its primary stays `streaming`, with a receiver, and pauses its replay; resumed, or
 * restarted, it ends. Before 14 it ends at once.
 */
export default defineCheck({
  id: 'configuration/standby-capacity-params',
  on: ['postgres'],
  severity: 'error',
  needs: ['settings', 'server'],
  wants: ['wal', 'settings', 'receiver', 'replicationSlots'],
  question: 'Has each standby room for as much as its primary?',
  seeds: [2, 4],
  *run({ nodes }) {
    for (const node of nodes) {
      const primary = node.server.inRecovery ? rootOf(node, nodes) : null
      if (!primary) continue
      for (const name of capacitySettings) {
        const have = node.settings[name]
        const need = primary.settings[name]
        if (have === undefined || need === undefined || Number(have) >= Number(need)) continue
        const isPaused = node.wanted.wal?.replayPaused ?? false
        yield {
          subject: subject.setting(node.name, name),
          node: node.name,
          message: `${name} is ${have} on ${node.name} and ${need} on its primary ${primary.name}: ${isPaused ? 'its replay is paused' : 'it pauses its replay, or does not start again'}`,
          evidence: {
            name,
            standby: node.name,
            standby_setting: have,
            primary: primary.name,
            primary_setting: need,
            replay_paused: node.wanted.wal?.replayPaused ?? null,
          },
          remedy: `On ${node.name}: alter system set ${name} = '${need}'; then restart ${node.name}. Do not resume its replay before: it would shut down. Raise it on standbys first, lower it on the primary first.`,
        }
      }
    }
  },
})

import { subject } from '../../../core/subject.ts'
import { settingsOn } from '../../files/settings-of.ts'
import { defineRule } from '../../rule.ts'

/** Read-only, a time limit that nothing can meet, or a commit that waits for a standby which does not exist. */
const ofServer = /^(25006|57014|53\d{3}|57P\d\d|28\w{3}|CLIENT_DEADLINE|CLOSED)$/

/** A new session with the server's own defaults must be able to write: sessions in a pool hide for hours that none can. */
export default defineRule({
  id: 'server/refuses-writes',
  consequence: 'connection/role-settings',
  severity: 'critical',
  question: 'Can a new session still write on the primary after the change?',
  *run({ canaries, primary, results }) {
    const refused = canaries.find(({ outcome, code }) => outcome === 'refused' && ofServer.test(code ?? ''))
    if (!refused) return
    const setting = ['synchronous_standby_names', 'default_transaction_read_only', 'statement_timeout'].find((name) =>
      settingsOn(primary, results).has(name),
    )
    yield {
      object: setting === undefined ? subject.node(primary) : subject.setting(primary, setting),
      nodes: [primary],
      ...(refused.code === 'CLIENT_DEADLINE' && { consequence: 'replication/sync-standby-missing' }),
      message: `after the change a new session cannot write on ${primary}: ${refused.code === 'CLIENT_DEADLINE' ? 'the commit does not come back (synchronous_standby_names names nobody who answers?)' : `${refused.detail ?? ''} (${refused.code ?? ''})`}`,
      remedy: 'Take the setting out of the change.',
      about: [],
    }
  },
})

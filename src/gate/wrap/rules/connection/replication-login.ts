import { lostLogins } from '../../../lost-logins.ts'
import { defineWrapRule, latest } from '../../wrapped.ts'

/** A stream that runs goes on without its line, its password or its REPLICATION, and ends for good when it reconnects. */
export default defineWrapRule({
  id: 'connection/replication-login',
  consequence: 'replication/standby-disconnected',
  severity: 'error',
  question: 'Is every login of replication that was let in before the command let in after it?',
  *run(wrapped) {
    for (const { object, node, consequence, message, remedy } of lostLogins(
      wrapped.before.replication,
      latest(wrapped).replication,
    ))
      yield { object, nodes: [node], consequence, message, remedy }
  },
})

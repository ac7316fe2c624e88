import { subject } from '../../../../core/subject.ts'
import { defineWrapRule, latest } from '../../wrapped.ts'

/** Another server that was a copy and now leads itself, beside the one that led before: both take what the other never gets. */
export default defineWrapRule({
  id: 'replication/standby-takes-writes',
  consequence: 'replication/split-brain',
  severity: 'critical',
  question: 'Is every server that was a standby before the command still one, while its primary takes writes?',
  *run(wrapped) {
    const { nodes } = latest(wrapped).snapshot
    const isOpen = (name: string): boolean => {
      const server = nodes.find((node) => node.name === name)?.facts.server
      return server?.seen === true && !server.value.inRecovery
    }
    for (const { name, role, upstream } of wrapped.before.snapshot.nodes) {
      if (role !== 'standby' || !isOpen(name)) continue
      // A switchover leaves one that takes writes; two are two systems from their first row on.
      const isAlone = upstream === null || !isOpen(upstream)
      if (isAlone) continue
      yield {
        object: subject.node(name),
        nodes: [name],
        message: `${name} was a standby of ${upstream} before the command; now it takes writes itself, beside ${upstream}, which takes them, too`,
        remedy: `Decide now which one stays. If it is ${upstream}: stop ${name} before an application writes there, keep its files, and make it a standby again (pg_rewind, or a new base backup).`,
      }
    }
  },
})

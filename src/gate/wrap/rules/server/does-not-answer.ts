import { subject } from '../../../../core/subject.ts'
import { defineWrapRule, latest } from '../../wrapped.ts'

/** A server that answered before and does not any more. */
export default defineWrapRule({
  id: 'server/does-not-answer',
  consequence: 'server/stopped',
  severity: 'critical',
  question: 'Does every server that answered before the command still answer?',
  *run(wrapped) {
    const { before } = wrapped
    const { snapshot, results } = latest(wrapped)
    for (const { name, facts } of before.snapshot.nodes) {
      const now = snapshot.nodes.find((node) => node.name === name)?.facts.server
      if (!facts.server.seen || now === undefined || now.seen || now.why === 'named-twice') continue
      const obstacle = results
        .filter(({ check }) => check === 'configuration/would-not-start')
        .flatMap(({ found }) => found)
        .find(({ node }) => node === name)
      yield {
        object: subject.node(name),
        nodes: [name],
        consequence: obstacle ? 'server/config-prevents-start' : 'server/stopped',
        message: `${name} answered before the command and does not now: ${now.detail}${obstacle ? `; ${obstacle.message}` : ''}`,
        remedy: obstacle?.remedy ?? `Read the last lines of the server's log on ${name}: ${now.remedy}`,
      }
    }
  },
})

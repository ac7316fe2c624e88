import { subject } from '../../../../core/subject.ts'
import { factOf } from '../../nodes.ts'
import { quantity } from '../../quantity.ts'
import { defineReviewRule } from '../../rule.ts'

const gigabyte = 1024 ** 3

/** Memory that the host does not have keeps the server from starting. */
export default defineReviewRule({
  id: 'configuration/too-much-memory',
  consequence: 'server/config-prevents-start',
  severity: 'error',
  question: 'Does the host have the memory that the server asks for at its start?',
  *run(input) {
    for (const { name, value, nodes, at } of input.settings) {
      const bytes = name === 'shared_buffers' && value !== null ? quantity(value, '8kB') : null
      for (const node of bytes === null ? [] : nodes) {
        const now = quantity(factOf(input, node, 'settings')?.[name] ?? '', '8kB')
        const isHuge =
          now === null ? (bytes ?? 0) >= 128 * gigabyte : (bytes ?? 0) >= 8 * gigabyte && (bytes ?? 0) > 16 * now
        if (isHuge)
          yield {
            object: subject.setting(node, name),
            nodes: [node],
            severity: now === null ? 'warning' : 'error',
            message: `shared_buffers = ${value ?? ''}${now === null ? '' : `, more than sixteen times what it is now`}: without that much memory ${node} does not start`,
            remedy: 'A quarter of the memory of its host.',
            at,
            basis: now === null ? 'text' : 'topology',
          }
      }
    }
  },
})

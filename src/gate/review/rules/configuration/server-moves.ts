import { subject } from '../../../../core/subject.ts'
import { factOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

const everywhere = new Set(['*', '0.0.0.0', '::'])

/** A server that listens elsewhere is gone for its applications, its standbys and its subscribers at once. */
export default defineReviewRule({
  id: 'configuration/server-moves',
  consequence: 'server/port-changed',
  severity: 'error',
  question: 'Is every server still found where everybody looks for it?',
  *run(input) {
    for (const { name, value, nodes, at } of input.settings)
      for (const node of value === null ? [] : nodes) {
        const now = factOf(input, node, 'settings')?.[name]
        const isMoved =
          (name === 'port' && value !== now && (now !== undefined || value !== '5432')) ||
          (name === 'listen_addresses' && isNarrow(value ?? '', now, input.topology?.addresses[node]))
        if (isMoved)
          yield {
            object: subject.setting(node, name),
            nodes: [node],
            severity: now === undefined ? 'warning' : 'error',
            message: `${name} = ${value ?? ''} on ${node}${now === undefined ? '' : `, now ${now}`}: after its restart applications, standbys and subscribers that know it by its old address are refused (ECONNREFUSED)`,
            remedy:
              'Change primary_conninfo, the subscriptions and the settings of every application in the same window.',
            at,
            basis: now === undefined ? 'text' : 'topology',
          }
      }
  },
})

function isNarrow(value: string, now: string | undefined, address: string | undefined): boolean {
  const listed = value.split(',').map((word) => word.trim())
  if (listed.some((each) => everywhere.has(each)) || value === now) return false
  const host = address?.replace(/:\d+$/, '')
  const isLocal = host === '127.0.0.1' || host === 'localhost'
  return host === undefined || !(listed.includes(host) || (isLocal && listed.includes('localhost')))
}

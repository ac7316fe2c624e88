import { subject } from '../../../../core/subject.ts'
import { conninfoWords } from '../../conninfo.ts'
import type { ReviewInput } from '../../input.ts'
import { basisOf, factOf, primaryOf, viewOf } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** A standby takes its new source without trying it, and goes on serving old rows. */
export default defineReviewRule({
  id: 'configuration/standby-source',
  consequence: 'replication/standby-disconnected',
  severity: 'error',
  question: 'Does every standby find its primary, and its slot there?',
  *run(input) {
    for (const { name, value, nodes, at } of input.settings)
      for (const node of nodes) {
        const why = value === null ? null : astray(input, node, name, value)
        if (why !== null)
          yield {
            object: subject.setting(node, name),
            nodes: [node],
            ...(name === 'primary_slot_name' ? { consequence: 'replication/slot-missing' } : {}),
            severity: input.topology === null ? 'warning' : 'error',
            message: `${name} of ${node} ${why}: it does not stream any more, and serves old rows`,
            remedy:
              'Try it from that host first; a slot is made by pg_create_physical_replication_slot on the primary.',
            at,
            basis: basisOf(input),
          }
      }
  },
})

function astray(input: ReviewInput, node: string, name: string, value: string): string | null {
  if (name !== 'primary_conninfo' && name !== 'primary_slot_name') return null
  const { topology } = input
  if (topology === null) return 'is another one, and whether somebody is there the text does not say'
  const upstream = viewOf(input, node)?.upstream ?? primaryOf(input)
  if (name === 'primary_slot_name') {
    const slots = factOf(input, upstream, 'replicationSlots')
    return slots === null || slots.some((slot) => slot.name === value)
      ? null
      : `names slot ${value}, which ${upstream} does not have`
  }
  const { host = '', hostaddr = '', port = '5432' } = conninfoWords(value)
  const is = [`${host}:${port}`, `${hostaddr}:${port}`]
  const known = topology.nodes.filter((one) => one.name !== node).map((one) => topology.addresses[one.name])
  return known.some((address) => address !== undefined && is.includes(address))
    ? null
    : `leads to ${hostaddr || host}:${port}, which is no other node of the cluster`
}

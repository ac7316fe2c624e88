import { subject } from '../../../core/subject.ts'
import type { CanaryResult } from '../../rehearsal.ts'
import { stuckNodes } from '../../applies.ts'
import { stoppedSubscriptions } from '../../subscriptions.ts'
import { followersOf, notFollowing } from '../../described.ts'
import type { GateFindingDraft } from '../../rule.ts'
import { defineRule } from '../../rule.ts'

/** A row of ours that a carried table took on the primary, and that another node never showed, or showed otherwise. */
export default defineRule({
  id: 'replication/canary-missing',
  consequence: 'replication/divergence',
  severity: 'error',
  question:
    'Does a row that is written, changed and deleted on the primary come, change and go on every node that carries its table?',
  *run({ canaries, applies, before, after, primary, already }) {
    // A node to which nothing comes is one finding of its own, not one for each table.
    const stopped = new Set([
      ...stuckNodes(applies),
      ...followersOf(after, 'subscriber').flatMap(({ name }) =>
        stoppedSubscriptions(name, before, after).length === 0 ? [] : [name],
      ),
      ...followersOf(after, 'standby').flatMap((node) => (notFollowing(node) === null ? [] : [node.name])),
    ])
    const known = new Set(firstSteps(already.canaries).map(placeOf))
    const firsts = firstSteps(canaries)
      .filter((canary) => !known.has(placeOf(canary)))
      .filter(({ node, outcome }) => outcome === 'different' || !stopped.has(node))
    for (const node of new Set(firsts.map((canary) => canary.node))) {
      const missing = firsts.filter((canary) => canary.node === node && canary.outcome === 'missing')
      // Where nothing came at all, it is the way and not the tables.
      const isNode = missing.length > 1 && missing.length === tablesOn(node, canaries)
      const single = firsts.filter((canary) => canary.node === node && !(isNode && canary.outcome === 'missing'))
      for (const canary of single) yield ofTable(canary, primary)
      if (isNode) yield ofNode(node, missing, primary)
    }
  },
})

function ofTable({ schema, table, node, step, outcome, detail }: CanaryResult, primary: string): GateFindingDraft {
  const name = `${schema}.${table}`
  const words =
    outcome === 'different'
      ? `a test row of ${name} is not the same on ${node} as on ${primary} after its ${step}`
      : `the ${step} of a test row in ${name} on ${primary} never showed on ${node}`
  return {
    object: subject.table(node, schema, table),
    nodes: [node],
    message: detail === null ? words : `${words}: ${detail}`,
    remedy: `Look what carries ${name} to ${node} after the change: its publication with operations and columns, its types and triggers on ${node}.`,
    about: [name],
  }
}

function ofNode(node: string, missing: readonly CanaryResult[], primary: string): GateFindingDraft {
  const names = missing.map(({ schema, table }) => `${schema}.${table}`)
  const detail = missing.find((canary) => canary.detail !== null)?.detail
  return {
    object: subject.node(node),
    nodes: [node],
    message: `test rows of ${names.length} tables written on ${primary} never showed on ${node}, among them ${names.slice(0, 3).join(', ')}${detail == null ? '' : `: ${detail}`}`,
    remedy: `Look what the change does to the way from ${primary} to ${node}: the subscription and whether it is enabled, its slot, login and publications.`,
    about: names,
  }
}

const placeOf = ({ node, schema, table }: CanaryResult): string => subject.table(node, schema, table)

const tablesOn = (node: string, canaries: readonly CanaryResult[]): number =>
  new Set(canaries.filter((canary) => canary.node === node).map(({ schema, table }) => `${schema}.${table}`)).size

/** Per node and table the first step that went wrong: the others follow from it. */
function firstSteps(canaries: readonly CanaryResult[]): readonly CanaryResult[] {
  const firsts = new Map<string, CanaryResult>()
  for (const canary of canaries) {
    if (canary.outcome !== 'missing' && canary.outcome !== 'different') continue
    const place = placeOf(canary)
    if (!firsts.has(place)) firsts.set(place, canary)
  }
  return [...firsts.values()]
}

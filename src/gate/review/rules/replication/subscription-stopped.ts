import { subject } from '../../../../core/subject.ts'
import { child, list, text, type TreeNode } from '../../../change/tree.ts'
import type { Placed, ReviewInput } from '../../input.ts'
import { basisOf, factOf, fresh } from '../../nodes.ts'
import { defineReviewRule } from '../../rule.ts'

/** A subscription that is switched off keeps its slot: the primary keeps all WAL for it, until its disk is full. */
export default defineReviewRule({
  id: 'replication/subscription-stopped',
  consequence: 'replication/subscription-disabled',
  severity: 'error',
  question: 'Does every subscription go on after the change?',
  *run(input) {
    for (const statement of fresh(input)) {
      const stopped = stoppedBy(input, statement)
      if (stopped === null) continue
      const isBack = input.statements.some((one) => one.n > statement.n && startedBy(one) === stopped.name)
      if (isBack) continue
      for (const node of statement.nodes)
        yield {
          object: subject.subscription(node, stopped.name),
          nodes: [node],
          message: `subscription ${stopped.name} ${stopped.words}: nothing arrives on ${node} any more${stopped.keepsSlot ? ', and the primary keeps all WAL for its slot until its disk is full' : ''}`,
          remedy: `Say at the end of the change: alter subscription ${stopped.name} enable;`,
          at: statement,
          basis: basisOf(input),
        }
    }
  },
})

interface Stopped {
  readonly name: string
  readonly words: string
  readonly keepsSlot: boolean
}

function stoppedBy(input: ReviewInput, { tree, nodes }: Placed): Stopped | null {
  const dropped = text(child(tree, 'DropSubscriptionStmt'), 'subname')
  if (dropped !== null) return { name: dropped, words: 'is dropped', keepsSlot: false }
  const alter = child(tree, 'AlterSubscriptionStmt')
  const name = text(alter, 'subname')
  if (name === null) return null
  if (enabledIn(alter) === false) return { name, words: 'is switched off', keepsSlot: true }
  const slot = optionOf(alter, 'slot_name')
  if (slot !== null && text(child(slot, 'String'), 'sval') === 'none')
    return { name, words: 'loses its slot', keepsSlot: true }
  const kind = text(alter, 'kind')
  const named = list(alter, 'publication').flatMap((each) => text(child(each, 'String'), 'sval') ?? [])
  const now = nodes.flatMap((node) => factOf(input, node, 'subscriptions') ?? []).find((one) => one.name === name)
  const left =
    kind === 'ALTER_SUBSCRIPTION_SET_PUBLICATION'
      ? (now?.publications ?? []).filter((publication) => !named.includes(publication))
      : kind === 'ALTER_SUBSCRIPTION_DROP_PUBLICATION'
        ? named
        : []
  return left.length > 0 ? { name, words: `leaves ${left.join(', ')}`, keepsSlot: false } : null
}

function startedBy({ tree }: Placed): string | null {
  const created = text(child(tree, 'CreateSubscriptionStmt'), 'subname')
  const alter = child(tree, 'AlterSubscriptionStmt')
  return created ?? (enabledIn(alter) === true ? text(alter, 'subname') : null)
}

/** `enable` and `disable`; null: it says neither. */
function enabledIn(alter: TreeNode | null): boolean | null {
  if (text(alter, 'kind') !== 'ALTER_SUBSCRIPTION_ENABLED') return null
  return child(optionOf(alter, 'enabled'), 'Boolean')?.['boolval'] === true
}

function optionOf(alter: TreeNode | null, name: string): TreeNode | null {
  const options = list(alter, 'options').flatMap((each) => child(each, 'DefElem') ?? [])
  return child(
    options.find((each) => text(each, 'defname') === name),
    'arg',
  )
}

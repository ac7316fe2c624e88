import type { Refusal } from '../../core/plan.ts'
import type { SwapFacts } from '../../engines/postgres/act/swap/facts.ts'
import { shownTable } from '../names.ts'
import type { Rebuild } from './rebuild.ts'

type Named = Pick<Rebuild, 'schema' | 'table' | 'primary'>

const refusal = (id: string, why: string, evidence: Refusal['evidence'] = {}): Refusal => ({ id, why, evidence })

/** What speaks against a rebuild already while it is planned. */
export function refusalsOfRebuild(what: Rebuild): readonly Refusal[] {
  return [
    ...whyNotSwap(what, what.facts),
    ...(what.canAct
      ? []
      : [refusal('act-missing', `${what.primary} has no acting role: give nodes.${what.primary} an act: URL`)]),
    ...whyNotFrom(what),
  ]
}

/** Why this table cannot be swapped, whoever gives the rows. Looked at again when the plan is carried out. */
export function whyNotSwap(what: Named, facts: SwapFacts): readonly Refusal[] {
  const name = shownTable(what)
  const node = what.primary
  if (facts.isInRecovery)
    return [
      refusal('read-only', `${node} is a standby: its damage is mended by cloning it anew from a node that is well`, {
        node,
      }),
    ]
  if (facts.oid === null) return [refusal('table-gone', `${node} has no table ${name}`, { node })]
  const each: readonly (readonly [boolean, string, string])[] = [
    [
      facts.kind !== 'r' || facts.isPartition,
      'table-not-ordinary',
      `${name} is partitioned or a partition: its place in the tree would have to be taken by hand`,
    ],
    [facts.persistence !== 'p', 'table-not-ordinary', `${name} is unlogged: no other node has its rows`],
    [facts.inherits, 'inherits', `${name} inherits, or is inherited from`],
    [facts.isTyped, 'typed', `${name} is a table of a type`],
    [facts.accessMethod !== 'heap', 'access-method', `${name} is not stored as a heap`],
    [facts.extension !== null, 'extension', `${name} belongs to extension ${facts.extension}`],
    [facts.labels > 0, 'labels', `${name} has security labels, which would not be carried over`],
    [
      facts.tablespaces > 0,
      'tablespaces',
      `${name} or an index of it lies in a tablespace of its own, which would not be carried over`,
    ],
  ]
  const shape = each.flatMap(([is, id, why]) => (is ? [refusal(id, why, { node })] : []))
  const subscribed = facts.subscribed.map((subscription) =>
    refusal(
      'subscribed',
      `subscription ${subscription} of ${node} writes into ${name}, and knows the damaged table alone: changes would be skipped without a word`,
      { node, subscription },
    ),
  )
  const strangers = facts.strangers.map((what) =>
    refusal('not-carried', `${what} depends on ${name}, and cannot be carried over`, { node }),
  )
  return [...shape, ...subscribed, ...strangers]
}

/** Why this node's rows must not be taken. */
function whyNotFrom(what: Rebuild): readonly Refusal[] {
  const { donor, donorFacts, facts, known } = what
  const name = shownTable(what)
  if (donorFacts === null) return [refusal('no-donor', `${donor} has no table ${name}`, { node: donor })]
  const refusals: Refusal[] = []
  if (!donorFacts.isInRecovery || donorFacts.systemId !== facts.systemId)
    refusals.push(
      refusal(
        'no-donor',
        `${donor} is no physical copy of ${what.primary}: which of its rows are its own, nobody can tell`,
        { node: donor },
      ),
    )
  if (what.key.length === 0)
    refusals.push(
      refusal('no-key', `${name} has no key: rows that the damaged table still shows could not be looked for`),
    )
  if (!what.sameOrder)
    refusals.push(
      refusal('sorted-otherwise', `${donor} sorts the key of ${name} otherwise than ${what.primary}`, { node: donor }),
    )
  for (const problem of what.donorProblems)
    refusals.push(refusal('donor-damaged', `${donor} is damaged itself: ${problem}`, { node: donor }))
  if (known === null)
    refusals.push(
      refusal('not-compared', `the rows of ${name} on ${what.primary} and ${donor} could not be compared`, {
        node: donor,
      }),
    )
  else if (known.otherwise + known.onlyHere > 0 && !what.chosen)
    refusals.push(
      refusal(
        'which-is-right',
        `${known.otherwise} rows of ${name} can be read on both nodes and differ, ${known.onlyHere} are on ${what.primary} alone: which node is right, rows do not say. Name it: --from ${donor}`,
        { node: donor, differ: known.otherwise, only_on_primary: known.onlyHere },
      ),
    )
  return refusals
}

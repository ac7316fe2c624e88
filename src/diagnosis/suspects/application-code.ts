import type { Case, Measurement, Suspect } from '../../core/diagnosis.ts'
import { seen, unseen, type Observation } from '../../core/observation.ts'
import { failingNodes, failuresElsewhere } from '../../core/outcomes.ts'
import { failingSinceMs } from '../harm.ts'
import { canariesOf, contractsOf, touchedOf } from '../look.ts'

/** Code that works elsewhere, but for accidents, is not known to be what fails here. */
const limitElsewhere = 0.01

/** Asked without the application: where the database itself answers wrong, old or not at all, its code is not what fails. */
const suspect: Suspect = {
  id: 'application-code',
  title: 'Application code',
  measure(c) {
    const outcomes = c.snapshot.facts.outcomes
    const failing = outcomes.seen ? failingNodes(outcomes.value, c.atMs).map(({ key }) => key) : []
    const wrong = wrongNodes(c)
    const right = failing.filter((node) => !wrong.includes(node))
    if (wrong.length > 0 && right.length === 0)
      return seen(
        c.atMs,
        measurement(
          wrong.length,
          false,
          `asked directly, without the application, ${wrong.join(', ')} ${wrong.length === 1 ? 'does' : 'do'} not answer right`,
        ),
      )
    if (wrong.length > 0)
      return unseen(
        'no-history',
        `the application fails on ${failing.filter((node) => wrong.includes(node)).join(', ') || 'no node'} of those that answer wrong without it (${wrong.join(', ')}), and on ${right.join(', ')} as well, where nothing was found to be wrong: there it may be its own`,
        'mend what answers wrong, then look whether the rest goes on',
      )
    if (failing.length > 0) return whereRight(c, failing)
    if (outcomes.seen)
      return seen(c.atMs, {
        measured: 0,
        limit: 0,
        unit: 'nodes on which the application fails',
        implicated: false,
        why: 'the application reports no failures',
      })
    return untested
  },
}
export default suspect

const untested = unseen(
  'not-configured',
  'the application does not say how its work goes, or its contract has no canary',
  'give the contract outcomes and a canary',
)

const measurement = (measured: number, implicated: boolean, why: string): Measurement => ({
  measured,
  limit: 0,
  unit: 'nodes that answer wrong without the application',
  implicated,
  why,
})

/** Nodes on which a touched table that is read, a contract, or a canary's answer is not what it is on the primary. */
function wrongNodes(c: Case): readonly string[] {
  const touched = touchedOf(c).filter(
    ({ verdict, times, readBy }) =>
      (verdict === 'different' || verdict === 'lagging') && times >= 2 && (readBy.scans > 0 || readBy.roles.length > 0),
  )
  const contracts = contractsOf(c).filter(
    ({ ok, failures, layer }) => !ok && (failures >= 2 || layer === 'data' || layer === 'stale'),
  )
  const primary = c.snapshot.nodes.find(({ role }) => role === 'primary')?.name
  const canaries = canariesOf(c).flatMap(({ answers }) => {
    const right = answers.find(({ node }) => node === primary)?.digest
    return right === undefined ? [] : answers.filter(({ digest }) => digest !== right)
  })
  return [...new Set([...touched, ...contracts, ...canaries].map(({ node }) => node))].sort()
}

/** Nothing is known to be wrong. Is it known to be right, where the application fails? */
function whereRight(c: Case, failing: readonly string[]): Observation<Measurement> {
  const canaries = canariesOf(c)
  if (canaries.length === 0) return untested
  if (canaries.some(({ answers }) => new Set(answers.map(({ digest }) => digest)).size > 1))
    return unseen(
      'no-history',
      'the canary is answered differently on different nodes, and the primary did not answer: nobody knows which is right',
      'look at the answers of the canary on each node',
    )
  const asked = new Set(canaries.flatMap(({ answers }) => answers.map(({ node }) => node)))
  const unasked = failing.filter((node) => !asked.has(node))
  if (unasked.length > 0)
    return unseen(
      'not-configured',
      `no canary was answered on ${unasked.join(', ')}, where the application fails`,
      'give the contract a canary, and name the node in its reads',
    )
  const outcomes = c.snapshot.facts.outcomes
  const elsewhere = outcomes.seen ? failuresElsewhere(outcomes.value, new Set(failing), c.atMs) : null
  if (elsewhere !== null && elsewhere <= limitElsewhere)
    return unseen(
      'no-history',
      `the same code works on the other nodes (${elsewhere} fail there): what differs is ${failing.join(', ')}, and the canary, which is answered right there, may not read what the application reads`,
      'give the contract a canary that reads what fails',
    )
  const sinceMs = failingSinceMs(c, failing) ?? c.atMs
  if (canaries.some(({ atMs }) => atMs < sinceMs))
    return unseen(
      'no-history',
      'the canary was last asked before the application began to fail',
      'diagnose again in a few seconds',
    )
  return seen(
    c.atMs,
    measurement(
      0,
      true,
      `the contract's own query answers the same on ${[...asked].sort().join(', ')}, and the application fails`,
    ),
  )
}

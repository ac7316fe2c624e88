import type { Case, Cause } from '../../../core/diagnosis.ts'
import type { OutcomesFact } from '../../../core/facts/cluster.ts'
import { atLeast } from '../../../core/severity.ts'
import { failingCodes, failingNodes, failuresByNode, outcomeWindowMs } from '../../../core/outcomes.ts'
import { subject } from '../../../core/subject.ts'
import { isForeignCode } from '../../codes.ts'
import { findingsOf } from '../../effects.ts'
import { failingSinceMs, outcomeHarm } from '../../harm.ts'
import { foreignErrors } from '../../unexplained.ts'
import { isStanding } from '../../standing.ts'
import { canariesOf, contractsOf, isMeant, touchedOf } from '../../look.ts'

/** A second and more after the rows were last seen to differ: what failed before that may be the rows' harm, running out. */
const afterMs = 1_000

function failsSinceRight(c: Case, outcomes: OutcomesFact): boolean {
  const rightSinceMs = Math.max(
    0,
    ...touchedOf(c)
      .filter((touched) => isMeant(c, touched))
      .map(({ sinceMs }) => sinceMs),
  )
  const failed = failuresByNode(outcomes, rightSinceMs + afterMs).reduce((sum, group) => sum + group.failed, 0)
  return failed >= 3
}

/**
 * The database answers the application's own contract right on every node, and the application fails all the same. Never more
 * than probable: it is what is left, not what was seen.
 */
const cause: Cause = {
  id: 'application/error',
  taxonomy: 'application-code',
  title: 'the application fails while the database answers its contract right on every node',
  follows: [],
  *recognise(c) {
    const outcomes = c.snapshot.facts.outcomes
    const contracts = contractsOf(c)
    const canaries = canariesOf(c)
    if (!outcomes.seen || contracts.length === 0 || canaries.length === 0) return
    const failing = failingNodes(outcomes.value, c.atMs)
    const codes = failingCodes(outcomes.value, c.atMs - outcomeWindowMs)
    if (failing.length === 0 || codes.some(({ key }) => isForeignCode(key))) return
    const databaseIsRight =
      contracts.every(({ ok }) => ok) &&
      canaries.every(({ answers }) => new Set(answers.map(({ digest }) => digest)).size === 1) &&
      touchedOf(c).every((touched) => touched.verdict === 'equal' || !isMeant(c, touched)) &&
      !c.findings.some(
        (finding) =>
          finding.check !== 'application/outcomes' &&
          // What a setting will cost one day answers no login wrong today.
          !finding.check.startsWith('configuration/') &&
          atLeast(finding.severity, 'error') &&
          !isStanding(c, finding),
      )
    if (!databaseIsRight || !failsSinceRight(c, outcomes.value)) return
    const asked = [...new Set(canaries.flatMap(({ answers }) => answers.map(({ node }) => node)))]
    // What fails on some nodes only follows the node; what was not asked there could be what is wrong.
    if (failing.length < failuresByNode(outcomes.value, c.atMs - outcomeWindowMs).length) return
    if (failing.some(({ key }) => !asked.includes(key))) return
    const sinceMs = failingSinceMs(
      c,
      failing.map(({ key }) => key),
    )
    if (sinceMs === null || canaries.some(({ atMs }) => atMs < sinceMs)) return
    // The servers refused the same logins something at the same time: whatever it was, it is not the application alone.
    if (foreignErrors(c, sinceMs).length > 0) return
    yield {
      subject: contracts[0]?.contract ?? c.cluster,
      direct: [],
      indirect: [
        {
          words: `the contract's own query answers the same on ${asked.join(', ')}, and ${codes.map(({ key }) => key).join(', ')} goes on`,
          node: null,
          source: 'contract, outcomes',
          values: { nodes: asked.length, codes: codes.map(({ key }) => key).join(', ') },
        },
      ],
      harm: failing.flatMap(({ key }) => outcomeHarm(c, key)),
      isNew: true,
      explains: findingsOf(c, 'application/outcomes'),
      // A release that came before it is what set it off, where there is only one.
      objects: [subject.release(contracts[0]?.contract ?? c.cluster)],
      remedy: { words: 'Look at the application: the database gives it the right answers.', commands: [] },
    }
  },
}
export default cause

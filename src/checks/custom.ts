import { defineCheck, type Check } from '../core/check.ts'
import type { InvariantConfig } from '../core/configuration.ts'
import { subject } from '../core/subject.ts'

/**
 * A team's own invariant as a check like any other: `custom/NAME` in findings, mutes, thresholds and guards. It cannot be in
 * the catalogue's list, because its name is in somebody's configuration.
 */
export const customCheck = ({ name, sql }: Pick<InvariantConfig, 'name' | 'sql'>): Check =>
  defineCheck({
    id: `custom/${name}`,
    on: ['postgres'],
    // What it means that it fails is known to those who wrote it: it opens no incident by itself.
    severity: 'error',
    needs: [],
    needsCluster: ['invariants'],
    question: `Does the team's own invariant ${name} hold?`,
    seeds: [],
    *run({ cluster }) {
      const asked = cluster.invariants.filter((invariant) => invariant.name === name)
      for (const { node, ok, value, expected, problem } of asked) {
        if (ok || problem !== null) continue
        yield {
          subject: subject.invariant(name, node),
          node,
          message: `${name} does not hold on ${node}: ${value ?? 'null'} instead of ${expected}`,
          evidence: { value, expect: expected },
          remedy: `On ${node}, look at the rows behind it: ${sql}`,
        }
      }
    },
    // One that could not be asked is no violation, and no health either.
    *unseen({ cluster }) {
      for (const { name: asked, node, problem } of cluster.invariants)
        if (asked === name && problem !== null)
          yield {
            node,
            why: /permission denied/.test(problem) ? 'no-privilege' : 'not-comparable',
            detail: `${name} cannot be asked on ${node}: ${problem}`,
            remedy: `Run it on ${node} as the reading role, and mend the statement or grant what it lacks: ${sql}`,
            subjects: [subject.invariant(name, node)],
          }
    },
  })

/** The checks of one cluster: the catalogue's, and its team's own. */
export const withCustomChecks = (
  checks: readonly Check[],
  invariants: readonly InvariantConfig[],
): readonly Check[] => [...checks, ...invariants.map(customCheck)]

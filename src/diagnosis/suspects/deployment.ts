import type { Case, Suspect } from '../../core/diagnosis.ts'
import { seen, unseen } from '../../core/observation.ts'
import { failingNodes, failuresElsewhere, instanceSpread } from '../../core/outcomes.ts'
import { contractsOf } from '../look.ts'

const lookBackMs = 3_600_000
/** Instances that differ by more than this on the same node fail by instance. */
const limitSpread = 0.5
/** A release that works elsewhere, but for accidents, is not what fails here. */
const limitElsewhere = 0.01

/**
 * A deployment is to blame when failures follow it: by instance or release. When the same release succeeds on some nodes and
 * fails on others, what differs is the node.
 */
const suspect: Suspect = {
  id: 'deployment',
  title: 'Deployment',
  measure(c) {
    const deployments = c.changes.filter(({ kind, atMs }) => kind === 'deployment' && atMs >= c.atMs - lookBackMs)
    const outcomes = c.snapshot.facts.outcomes
    const failing = outcomes.seen ? failingNodes(outcomes.value, c.atMs) : []
    if (!outcomes.seen || failing.length === 0) {
      if (deployments.length > 0)
        return seen(c.atMs, {
          measured: deployments.length,
          limit: 0,
          unit: 'deployments in 60 min',
          implicated: false,
          why: 'a deployment was told, and no failure follows it',
        })
      return unseen(
        'not-configured',
        'nobody tells of deployments, and no outcomes show whether failures follow one',
        'give the contract its outcomes',
      )
    }
    const nodes = new Set(failing.map(({ key }) => key))
    const spread = instanceSpread(outcomes.value, nodes, c.atMs)
    const elsewhere = failuresElsewhere(outcomes.value, nodes, c.atMs)
    const where = [...nodes].join(', ')
    const working = [...nodes].filter((node) => !failsWithout(c, node))
    if (working.length === 0)
      return seen(c.atMs, {
        measured: 0,
        limit: 0,
        unit: 'failing nodes on which the contract works',
        implicated: false,
        why: `on ${where} the contract fails as well, asked with the application's settings and none of its code`,
      })
    if (spread !== null && spread > limitSpread)
      return seen(c.atMs, {
        measured: spread,
        limit: limitSpread,
        unit: 'spread of failures between instances',
        implicated: true,
        why: `on ${where} some instances fail and others do not: they differ by ${spread}`,
      })
    if (elsewhere !== null && elsewhere <= limitElsewhere)
      return seen(c.atMs, {
        measured: elsewhere,
        limit: limitElsewhere,
        unit: 'share of failures on the other nodes',
        implicated: false,
        why: `the same instances with the same release work on the other nodes (${elsewhere} fail there)${spread === null ? '' : `, and on ${where} they fail alike`}`,
      })
    if (deployments.length > 0)
      return seen(c.atMs, {
        measured: deployments.length,
        limit: 0,
        unit: 'deployments in 60 min',
        implicated: true,
        why: 'failures follow neither node nor instance, and a deployment came before them',
      })
    return unseen(
      'not-configured',
      'failures follow neither node nor instance, and nobody tells of deployments',
      'tell of deployments, or give the outcomes a release',
    )
  },
}

/** Asked by the watcher with the application's own settings, it fails there too: no release takes part in that. */
const failsWithout = (c: Case, node: string): boolean =>
  contractsOf(c).some(
    (result) =>
      result.node === node &&
      !result.ok &&
      (result.failures >= 2 || result.layer === 'data' || result.layer === 'stale'),
  )

export default suspect

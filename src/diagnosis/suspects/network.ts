import type { Case, Measurement, Suspect } from '../../core/diagnosis.ts'
import { seen, unseen } from '../../core/observation.ts'
import { busyOn } from '../load.ts'
import { contractsOf, pathsOf } from '../look.ts'
import { mayBeOwnSettings } from '../settings-keys.ts'
import { isBlocked } from '../waiting.ts'

/** What a round trip may take more than another before it explains a failed login; far below any client's own timeout. */
const limitMs = 500

interface Path {
  readonly node: string
  readonly ms: number
  readonly cut: boolean
}

/**
 * Some paths slow or cut while others are not: that is the network. All of them slow alike is the server. So the number is how
 * much slower one path is than the fastest, or how many are cut while another one to the same node works.
 */
const suspect: Suspect = {
  id: 'network',
  title: 'Network',
  measure(c) {
    const watched = pathsOf(c).map(({ node, ms, reached }): Path => ({ node, ms, cut: !reached }))
    const measured = [...routesOf(c), ...watched]
    if (measured.length === 0)
      return unseen('no-history', 'no path was measured in this window', 'keep antemortem watch running')
    const answered = measured.filter(({ cut }) => !cut)
    // A node that nobody reaches is the server's matter.
    const cut = measured.filter((path) => path.cut && answered.some(({ node }) => node === path.node))
    return seen(c.atMs, cut.length > 0 || answered.length === 0 ? cutPaths(cut) : spread(answered))
  },
}
export default suspect

/**
 * The application's own routes. What was answered on them, and how wrong, is no matter of the network; neither is a place to which
 * only a rewritten settings file leads. A late answer counts with its way alone, where that was measured.
 */
function routesOf(c: Case): readonly Path[] {
  return contractsOf(c)
    .filter(({ route, ok, layer }) => route === 'application' && (ok || layer !== null))
    .filter((result) => result.ok || !mayBeOwnSettings(c, result))
    .filter((result) => result.roundTripMs !== undefined || result.layer !== 'latency' || !isServers(c, result.node))
    .map(({ node, ms, layer, roundTripMs }) => ({
      node,
      ms: roundTripMs ?? ms,
      cut: roundTripMs === null || (roundTripMs === undefined && (layer === 'tcp' || layer === 'dns')),
    }))
}

/** An answer that waits for a lock, or for a core, is late on any path. */
const isServers = (c: Case, node: string): boolean => isBlocked(c, node) || busyOn(c, node)?.isOver === true

function cutPaths(cut: readonly Path[]): Measurement {
  const nodes = [...new Set(cut.map(({ node }) => node))].join(', ')
  return {
    measured: cut.length,
    limit: 0,
    unit: 'paths cut while another to the same node works',
    implicated: cut.length > 0,
    why:
      cut.length > 0
        ? `${cut.length === 1 ? 'a path' : `${cut.length} paths`} to ${nodes} ${cut.length === 1 ? 'is' : 'are'} cut while another works`
        : 'nobody reaches any node: from here that is the servers, or this host',
  }
}

function spread(answered: readonly Path[]): Measurement {
  const worst = answered.reduce((a, b) => (b.ms > a.ms ? b : a))
  const best = answered.reduce((a, b) => (b.ms < a.ms ? b : a))
  const moreMs = Math.round((worst.ms - best.ms) * 10) / 10
  const [slow, fast] = [Math.round(worst.ms), Math.round(best.ms)]
  return {
    measured: moreMs,
    limit: limitMs,
    unit: 'ms more than the fastest path',
    implicated: moreMs > limitMs,
    why:
      answered.length === 1
        ? `the only path that was measured, to ${worst.node}, took ${slow} ms: there is none to compare it with`
        : `the slowest of ${answered.length} paths, to ${worst.node}, took ${slow} ms, the fastest, to ${best.node}, ${fast} ms`,
  }
}

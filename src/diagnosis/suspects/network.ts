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
  /** More than the same question took by another way to the same node, or than the quickest of its kind. */
  readonly moreMs: number
  readonly ms: number
  readonly cut: boolean
}

/**
 * Some paths slow or cut while others are not: that is the network. All of them slow alike is the server. Like is compared with like:
 * a failing route of the application with the same round trip to the watcher's address at the same moment, the watcher's kept
 * connections with one another, each by the better of two looks, because a busy host delays single answers of all.
 */
const suspect: Suspect = {
  id: 'network',
  title: 'Network',
  measure(c) {
    const watched = watchedPaths(c)
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

function watchedPaths(c: Case): readonly Path[] {
  const before = c.earlier?.facts.paths
  const earlier = before?.seen ? before.value : []
  const best = pathsOf(c).map(({ node, ms, reached }) => {
    const past = earlier.filter((path) => path.node === node && path.reached).map((path) => path.ms)
    return { node, ms: reached ? Math.min(ms, ...past) : ms, cut: !reached }
  })
  const fastest = Math.min(...best.filter(({ cut }) => !cut).map(({ ms }) => ms))
  return best.map((path) => ({ ...path, moreMs: path.cut ? 0 : path.ms - fastest }))
}

/**
 * The application's own routes. What was answered on them, and how wrong, is no matter of the network; neither is a place to which
 * only a rewritten settings file leads. A route that fails late counts with its way alone, where that was measured.
 */
function routesOf(c: Case): readonly Path[] {
  return contractsOf(c)
    .filter(({ route, ok, layer }) => route === 'application' && (ok || layer !== null))
    .filter((result) => result.ok || !mayBeOwnSettings(c, result))
    .filter((result) => result.roundTripMs !== undefined || result.layer !== 'latency' || !isServers(c, result.node))
    .map((result) => {
      const { node, ms, layer, roundTripMs, directTripMs } = result
      const other = directTripMs ?? (roundTripMs === undefined ? null : (kept(c, node) ?? 0))
      const took = roundTripMs ?? ms
      return {
        node,
        ms: took,
        moreMs: result.ok || roundTripMs == null ? 0 : Math.max(0, took - (other ?? took)),
        cut: roundTripMs === null || (roundTripMs === undefined && (layer === 'tcp' || layer === 'dns')),
      }
    })
}

const kept = (c: Case, name: string): number | null =>
  pathsOf(c).find(({ node, reached }) => node === name && reached)?.ms ?? null

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
  const worst = answered.reduce((a, b) => (b.moreMs > a.moreMs ? b : a))
  const slowest = answered.reduce((a, b) => (b.ms > a.ms ? b : a))
  const moreMs = Math.round(worst.moreMs * 10) / 10
  return {
    measured: moreMs,
    limit: limitMs,
    unit: 'ms more than by another path',
    implicated: moreMs > limitMs,
    why:
      answered.length === 1
        ? `the only path that was measured, to ${slowest.node}, took ${Math.round(slowest.ms)} ms: there is none to compare it with`
        : moreMs > limitMs
          ? `the path to ${worst.node} took ${Math.round(worst.ms)} ms, ${Math.round(moreMs)} ms more than by another way`
          : `of ${answered.length} paths none took ${limitMs} ms more than another; the slowest, to ${slowest.node}, ${Math.round(slowest.ms)} ms`,
  }
}

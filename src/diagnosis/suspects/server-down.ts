import type { Suspect } from '../../core/diagnosis.ts'
import { seen, unseen } from '../../core/observation.ts'
import { compare, pathsOf } from '../look.ts'
import { hostOf } from '../server-log.ts'

/** Longer than a garbage collection or a checkpoint stall, shorter than any restart. */
const limitS = 3

/** An answer that is older than this says nothing of now. */
const freshMs = 3_000

const suspect: Suspect = {
  id: 'server-down',
  title: 'Server down',
  measure(c) {
    const refuses = (node: string): boolean =>
      pathsOf(c).some((path) => path.node === node && path.reached && !path.ok && path.atMs >= c.atMs - freshMs)
    const nodes = Object.entries(c.unansweredMs).sort(([a], [b]) => compare(a, b))
    if (nodes.length === 0)
      return unseen('no-history', 'no node was asked in this window', 'keep antemortem watch running')
    // A server that runs on its host is not down, however long nobody has reached it; nor is one that answers with a refusal.
    const runs = nodes.filter(([node, ms]) => {
      const host = hostOf(c, node)
      return refuses(node) || (host?.postmaster === 'running' && host.atMs >= c.atMs - ms)
    })
    const asked = nodes.map(([node, ms]) => [node, runs.some(([name]) => name === node) ? 0 : ms] as const)
    const [node, ms] = asked.reduce((a, b) => (b[1] > a[1] ? b : a))
    const wordsOf = (name: string): string =>
      refuses(name)
        ? `${name} answers, and refuses us`
        : `the postmaster of ${name} runs on its host, though nobody reaches it`
    const seconds = Math.round(ms / 100) / 10
    const silent = runs.filter(([, silentMs]) => silentMs > limitS * 1000).map(([name]) => name)
    return seen(c.atMs, {
      measured: seconds,
      limit: limitS,
      unit: 's unanswered',
      implicated: seconds > limitS,
      why:
        seconds > limitS
          ? `${node} has not answered for ${seconds} s`
          : silent.length > 0
            ? silent.map(wordsOf).join('; ')
            : `all ${nodes.length} nodes answer; longest silence ${seconds} s (${node})`,
    })
  },
}
export default suspect

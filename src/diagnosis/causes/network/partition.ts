import type { Cause, Evidence } from '../../../core/diagnosis.ts'
import { subject } from '../../../core/subject.ts'
import { isLost } from '../../connection-codes.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { probedHarm } from '../../instances.ts'
import { routesTo, type Route } from '../../routes.ts'
import { hostOf, stopSince } from '../../server-log.ts'
import { silenceOf } from '../../silence.ts'

/**
 * The application's way to a node is cut while the server answers by another one, or runs on its host. The probe must have waited
 * longer than the client does: a slow way looks cut to whoever gives up early.
 */
const cause: Cause = {
  id: 'network/partition',
  taxonomy: 'network-partition',
  title: 'the way to a server is cut while the server works',
  follows: ['connection/settings-changed', 'server/port-changed'],
  *recognise(c) {
    for (const { name } of c.snapshot.nodes) {
      const cut = routesTo(c, name).filter(({ isCut, mayBeCut }) => isCut || mayBeCut)
      const byOther = cut.filter(({ other }) => other !== null)
      const silence = silenceOf(c, name)
      const host = hostOf(c, name)
      // A postmaster that was told to stop runs until its last session has ended.
      const isLeaving = stopSince(c, name) !== null
      const runs = silence !== null && host?.postmaster === 'running' && host.atMs >= silence.sinceMs && !isLeaving
      const [first] = byOther
      if (!first && !runs) continue
      const sure = byOther.filter(({ isCut }) => isCut)
      const from = first?.result.from ?? cut[0]?.result.from ?? 'here'
      const harm = probedHarm(
        c,
        name,
        cut.map(({ result }) => result),
        isLost,
      )
      const local: readonly Evidence[] =
        runs && silence
          ? [
              {
                words: `the postmaster of ${name} runs on its host (pid ${host.pid ?? '?'}), and nobody has reached it for ${Math.round(silence.ms / 1000)} s`,
                node: name,
                source: 'postmaster.pid, connection',
                values: { postmaster: 'running', unanswered_ms: silence.ms },
              },
            ]
          : []
      yield {
        subject: subject.path(from, name),
        direct: sure.map(evidenceOf),
        indirect: [...byOther.map(evidenceOf), ...local],
        harm,
        // The contract came this way when all was good.
        isNew: c.lastGoodMs !== null,
        explains: [
          ...contractEffects(c, name, (result) => cut.some((route) => route.result === result)),
          ...outcomeEffects(c, name, isLost),
          ...(runs ? findingsOf(c, 'connections/reachable', name) : []),
        ],
        objects: [subject.path(from, name)],
        ...(sure.length === 0 && {
          missing: `a probe of the application's route to ${name} that waits longer than its client, from ${from}: does anything come back?`,
        }),
        remedy: {
          words: `The server works: do not restart or promote anything. Look at what lies between the application and ${name}: proxy, firewall, security group, routes.`,
          commands: [
            `on the application's host: pg_isready -h HOST -p PORT -t 10`,
            `on the host of ${name}: ss -ltnp | grep postgres`,
          ],
        },
      }
    }
  },
}
export default cause

const evidenceOf = ({ result, other, isCut }: Route): Evidence => ({
  words: `${result.instance} gets nothing on its own route to ${result.node} (${result.code ?? result.message ?? ''})${isCut ? ', however long it is waited for' : ''}, while the watcher's own way to it answers in ${Math.round(result.directTripMs ?? other?.ms ?? 0)} ms`,
  node: result.node,
  source: 'probe per path',
  values: {
    instance: result.instance,
    from: result.from,
    layer: result.layer,
    code: result.code,
    waited_ms: Math.round(result.ms),
    other_ms: result.directTripMs ?? (other === null ? null : Math.round(other.ms)),
  },
})

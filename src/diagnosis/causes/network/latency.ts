import type { Cause, Evidence } from '../../../core/diagnosis.ts'
import { subject } from '../../../core/subject.ts'
import { isLate } from '../../connection-codes.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { probedHarm } from '../../instances.ts'
import { busyOn } from '../../load.ts'
import { routesTo, type Route } from '../../routes.ts'

/**
 * Some ways are slow and others are not: the network. All of them slow alike is the server. Measured without login and statement,
 * so that neither a lock nor a slow query is taken for the way.
 */
const cause: Cause = {
  id: 'network/latency',
  taxonomy: 'network-partition',
  title: 'the way to a server is slow while the server answers at once',
  follows: ['connection/settings-changed', 'contention/lock', 'capacity/overload'],
  *recognise(c) {
    for (const { name } of c.snapshot.nodes) {
      const slow = routesTo(c, name).filter(({ isSlow, mayBeSlow, other }) => other !== null && (isSlow || mayBeSlow))
      const [first] = slow
      if (!first) continue
      const sure = slow.filter(({ isSlow }) => isSlow)
      // A server that has no core left answers late on every new connection.
      const isBusy = busyOn(c, name)?.isOver === true
      const path = subject.path(first.result.from, name)
      yield {
        subject: path,
        direct: isBusy ? [] : sure.map(evidenceOf),
        indirect: slow.map(evidenceOf),
        harm: probedHarm(
          c,
          name,
          slow.map(({ result }) => result),
          isLate,
        ),
        isNew: c.lastGoodMs !== null,
        explains: [
          ...contractEffects(c, name, (result) => slow.some((route) => route.result === result)),
          ...outcomeEffects(c, name, isLate),
          ...findingsOf(c, 'connections/reachable', name),
        ],
        objects: [path],
        ...(sure.length === 0 && {
          missing: `one round trip on the application's route to ${name} without login or statement, waited for longer than its client does`,
        }),
        remedy: {
          words: `The server answers at once by another way: look at what lies between the application and ${name}. Until it is mended, lead its reads to the other nodes.`,
          commands: [`on the application's host: for i in 1 2 3; do time pg_isready -h HOST -p PORT -t 10; done`],
        },
      }
    }
  },
}
export default cause

const evidenceOf = ({ result, other }: Route): Evidence => {
  const took = result.roundTripMs ?? result.ms
  return {
    words: `${result.instance} waits ${Math.round(took)} ms on its own route to ${result.node}${result.roundTripMs == null ? ', login and query included' : ' for one round trip'}, the watcher's own way takes ${Math.round(result.directTripMs ?? other?.ms ?? 0)} ms`,
    node: result.node,
    source: 'probe per path',
    values: {
      instance: result.instance,
      from: result.from,
      took_ms: Math.round(took),
      other_ms: result.directTripMs ?? (other === null ? null : Math.round(other.ms)),
    },
  }
}

import type { Cause, Evidence } from '../../../core/diagnosis.ts'
import type { ContractFact } from '../../../core/facts/cluster.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { isLate } from '../../connection-codes.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { contractEvidence, instanceHarm } from '../../instances.ts'
import { contractsOf, factOf } from '../../look.ts'
import { busyOn, type Busy } from '../../load.ts'
import { routesTo } from '../../routes.ts'
import { changedKeys, mayBeOwnSettings } from '../../settings-keys.ts'
import { isBlocked } from '../../waiting.ts'

const isSuch = ({ layer, code }: ContractFact): boolean => layer === 'latency' || code === '57014'

/**
 * More work than the server can take, and nothing else wrong: more sessions run than ever while all was good, the host has no core
 * left, every path to it is slow alike.
 */
const cause: Cause = {
  id: 'capacity/overload',
  taxonomy: 'load-spike',
  title: 'the server has more work than it can take',
  follows: ['contention/lock', 'connection/settings-changed'],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const { name } = node
      const busy = busyOn(c, name)
      if (!busy?.isOver) continue
      const harm = [
        ...contractsOf(c)
          .filter((result) => result.node === name && !result.ok && isSuch(result) && !mayBeOwnSettings(c, result))
          .map(contractEvidence),
        ...instanceHarm(c, name, { instances: null }, isLate),
      ]
      const waits = isBlocked(c, name)
      const isOnePath = routesTo(c, name).some(({ isSlow, isCut }) => isSlow || isCut)
      const isElse = waits || isOnePath || changedKeys(c).length > 0
      yield {
        subject: subject.node(name),
        // Sessions above the band are what many causes look like: a full host is work.
        direct: isElse || !busy.isHostFull ? [] : wordsOf(node, busy),
        indirect: wordsOf(node, busy),
        harm,
        isNew: c.lastGoodMs !== null && busy.band !== null,
        explains: [
          ...contractEffects(c, name, isSuch),
          ...outcomeEffects(c, name, isLate),
          ...['replication/lag-time', 'connections/saturation'].flatMap((check) => findingsOf(c, check, name)),
        ],
        objects: [subject.node(name)],
        ...(waits || isOnePath
          ? {
              refutedBy: {
                words: waits
                  ? `sessions on ${name} wait for a lock: they are not work`
                  : `${name} answers at once by another path`,
                node: name,
                source: waits ? 'pg_blocking_pids()' : 'connection',
                values: { waiting: waits ? 1 : 0, slow_paths: isOnePath ? 1 : 0 },
              },
            }
          : {}),
        ...(!busy.isHostFull && { missing: `CPU of the host of ${name}: give the node a host in the configuration` }),
        remedy: {
          words:
            'Find who brings the work and make it less: a job that can wait, a report, a release that asks more often.',
          commands: [
            `on ${name}: select usename, application_name, wait_event_type, wait_event, left(query, 60) as query, count(*) from pg_stat_activity where state = 'active' group by 1, 2, 3, 4, 5 order by 6 desc limit 20;`,
          ],
        },
      }
    }
  },
}
export default cause

function wordsOf(node: NodeView, { active, band, limit, cpuBusy, cores }: Busy): readonly Evidence[] {
  const worst = (factOf(node, 'activity')?.use ?? []).toSorted((a, b) => b.active - a.active)[0]
  const most =
    worst && worst.active > 0 ? `, ${worst.active} of them by ${worst.application || worst.role || 'nobody named'}` : ''
  return [
    {
      words: `${active} sessions run on ${node.name}${most}; ${band ?? '?'} at most while all was good`,
      node: node.name,
      source: 'pg_stat_activity',
      values: { active, band, limit },
    },
    ...(cpuBusy === null
      ? []
      : [
          {
            words: `the ${cores ?? '?'} cores of its host are ${Math.round(cpuBusy * 100)} % busy`,
            node: node.name,
            source: 'host',
            values: { cpu_busy: cpuBusy, cores },
          },
        ]),
  ]
}

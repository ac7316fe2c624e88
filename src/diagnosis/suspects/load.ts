import type { Suspect } from '../../core/diagnosis.ts'
import { seen, unseen } from '../../core/observation.ts'
import { busyOn, type Busy } from '../load.ts'
import { compare } from '../look.ts'

/** Sessions that run, against the band learned while all was good; where the host tells, it must have no core left as well. */
const suspect: Suspect = {
  id: 'load',
  title: 'Load',
  measure(c) {
    const learned = c.load.nodes
      .flatMap(({ node }) => busyOn(c, node) ?? [])
      .flatMap((busy) => (busy.limit === null ? [] : [{ ...busy, limit: busy.limit }]))
      .sort((a, b) => compare(a.node, b.node))
    if (learned.length === 0)
      return unseen('no-history', 'no band of active sessions was learned before this', 'keep antemortem watch running')
    // One that is over its limit speaks, even where another is nearer to its own.
    const over = learned.filter(({ isOver }) => isOver)
    const worst = (over.length > 0 ? over : learned).reduce((a, b) => (b.active / b.limit > a.active / a.limit ? b : a))
    return seen(c.atMs, {
      measured: worst.active,
      limit: worst.limit,
      unit: 'active sessions',
      implicated: worst.isOver,
      why: `${worst.active} active sessions on ${worst.node}, the busiest node against its own band${cpuWords(worst)}`,
    })
  },
}
export default suspect

const cpuWords = ({ cpuBusy }: Busy): string =>
  cpuBusy === null ? '' : `; its host is ${Math.round(cpuBusy * 100)} % busy`

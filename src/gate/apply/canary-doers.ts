import type { ClusterConfig } from '../../core/configuration.ts'
import { AntemortemError } from '../../core/error.ts'
import type { Doer, Output } from '../../plans/doer.ts'
import type { Beat } from '../beat/beat.ts'
import { beatAll } from '../beat/beat-all.ts'
import { beatFindings, beatNotes } from '../beat/told.ts'
import type { GateRecords } from './kept.ts'
import { lookAtCluster } from './reach.ts'

/** The contracts' own rows, before the change and after its way back. */
export function canaryDoers(cluster: ClusterConfig, records: GateRecords): readonly Doer[] {
  return [
    {
      kind: 'gate-canary',
      async do(_, { plan, signal }) {
        const before = await records.find('gate-before', plan.id)
        const snapshot = before?.body.production.snapshot ?? (await lookAtCluster(cluster, signal))
        const beats = await beatAll({ cluster, before: snapshot, signal })
        for (const beat of beats) if (beat.written.state === 'refused') throw refused(beat, beat.written)
        await records.save('gate-beats', plan.id, beats)
        return counted(beats)
      },
      // Written twice it is as written once.
      probe: () => Promise.resolve('not-done'),
    },
    {
      kind: 'gate-canary-back',
      // What does not arrive is told and fails nothing: the change is gone, and a person has to look.
      async do(_, { plan, signal }) {
        const before = await records.find('gate-before', plan.undoes ?? plan.id)
        const snapshot = before?.body.production.snapshot ?? (await lookAtCluster(cluster, signal))
        const beats = await beatAll({ cluster, before: snapshot, signal })
        await records.save('gate-beats', plan.id, beats)
        const was = (await records.find('gate-beats', plan.undoes ?? plan.id))?.body ?? []
        const both = { before: was, after: beats, behind: 'the way back' }
        const told = [...beatFindings(both).map(({ message }) => message), ...beatNotes(both)]
        return { ...counted(beats), told: told.join('\n') }
      },
      probe: () => Promise.resolve('not-done'),
    },
  ]
}

const refused = (
  { contract, schema, table, node }: Beat,
  { why, code, remedy }: { readonly why: string; readonly code: string | null; readonly remedy: string },
): AntemortemError =>
  new AntemortemError(
    'canary-refused',
    `contract ${contract} cannot write its row into ${schema}.${table} on ${node}${code === null ? '' : ` (${code})`}: ${why}; nothing of the change was begun`,
    remedy,
    { exit: 4 },
  )

function counted(beats: readonly Beat[]): Output {
  const arrivals = beats.flatMap((beat) => beat.arrivals)
  const of = (state: string): string =>
    arrivals
      .filter((arrival) => arrival.state === state)
      .map(({ node }) => node)
      .join(', ')
  return {
    written: beats.filter(({ written }) => written.state === 'written').length,
    shown: of('shown'),
    missing: of('missing'),
    not_seen: of('not-seen'),
  }
}

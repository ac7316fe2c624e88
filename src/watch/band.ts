import type { LoadFact } from '../core/diagnosis.ts'
import type { NodeView } from '../core/snapshot.ts'

/** Upper end of active sessions per node while nothing hurt. */
export type Band = Readonly<Record<string, { readonly upper: number; readonly samples: number }>>

/** Fewer samples are an accident, not a band. */
const leastSamples = 3

/** Learns only while nothing hurts: an outage must not become the norm that it is measured against. */
export function learnBand(band: Band, nodes: readonly NodeView[], calm: boolean): Band {
  if (!calm) return band
  const next = { ...band }
  for (const { name, facts } of nodes) {
    if (!facts.sessions.seen) continue
    const before = band[name] ?? { upper: 0, samples: 0 }
    next[name] = { upper: Math.max(before.upper, facts.sessions.value.active), samples: before.samples + 1 }
  }
  return next
}

export const loadOf = (band: Band, nodes: readonly NodeView[]): LoadFact => ({
  nodes: nodes.flatMap(({ name, facts }) => {
    const learned = band[name]
    if (!facts.sessions.seen) return []
    return [
      {
        node: name,
        active: facts.sessions.value.active,
        band: learned && learned.samples >= leastSamples ? learned.upper : null,
      },
    ]
  }),
})

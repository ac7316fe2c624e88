import { AntemortemError } from '../../core/error.ts'
import type { Snapshot } from '../../core/snapshot.ts'

/** The one that others follow. Throws where none answers: then the command must not run. */
export function primaryOf(cluster: string, { nodes }: Snapshot): string {
  const primaries = nodes.filter(({ role, facts }) => role === 'primary' && facts.server.seen)
  const followed = primaries.find(({ name }) => nodes.some(({ upstream }) => upstream === name))
  const primary = followed ?? primaries[0]
  if (primary) return primary.name
  throw new AntemortemError(
    'cluster-shape',
    `no primary of ${cluster} answers: the command was not run`,
    'antemortem check says what cannot be reached.',
  )
}

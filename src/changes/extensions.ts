import type { ExtensionFact } from '../core/facts/postgres/objects.ts'
import { subject } from '../core/subject.ts'
import type { Difference } from './difference.ts'
import { pairByName } from './difference.ts'

/** An extension created, dropped or at another version. */
export function* extensionDifferences(
  node: string,
  before: readonly ExtensionFact[],
  after: readonly ExtensionFact[],
): Iterable<Difference> {
  for (const [name, old, now] of pairByName(before, after, (extension) => extension.name)) {
    if (old?.version === now?.version) continue
    const version = (one: ExtensionFact | undefined): string | null => (one ? `version ${one.version}` : null)
    yield { kind: 'software', object: subject.extension(node, name), before: version(old), after: version(now) }
  }
}

/** Which release an instance says that it runs. */
export interface ReleaseSaid {
  readonly atMs: number
  readonly instance: string
  readonly release: string
}

export interface Deployment {
  readonly atMs: number
  /** When the instance was last heard of with the release before. */
  readonly notBeforeMs: number
  readonly before: string
  readonly after: string
}

/** The newest word of each instance. */
export type Releases = ReadonlyMap<string, ReleaseSaid>

/**
 * Deployments, by what the application says of itself: an instance that runs another release than before. The instances that follow
 * within a roll-out are the same deployment.
 */
export function withReleases(
  known: Releases,
  said: Iterable<ReleaseSaid>,
): { readonly known: Releases; readonly deployments: readonly Deployment[] } {
  const next = new Map(known)
  const deployments: Deployment[] = []
  for (const word of said) {
    const before = next.get(word.instance)
    if (before && before.atMs > word.atMs) continue
    const isFollowing = [...next.values()].some(
      ({ instance, release }) => instance !== word.instance && release === word.release,
    )
    if (before && before.release !== word.release && !isFollowing)
      deployments.push({
        atMs: word.atMs,
        notBeforeMs: before.atMs,
        before: before.release,
        after: word.release,
      })
    next.set(word.instance, word)
  }
  return { known: next, deployments }
}

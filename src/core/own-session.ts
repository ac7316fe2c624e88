/** A session of ours, or of somebody else's Antemortem at the same server: what happens to it happens to no client. */
export const isOwnSession = ({ application }: { readonly application: string | null }): boolean =>
  application?.startsWith('antemortem') ?? false

import type { Layer } from '../../core/facts/cluster.ts'

export type NoteAbout = 'tls' | 'sessions' | 'writes' | 'tables' | 'prepared-statements' | 'replication'

/** What a test saw beside the answer. An error fails the contract, a warning does not. */
export interface ContractNote {
  readonly about: NoteAbout
  readonly severity: 'info' | 'warning' | 'error'
  readonly layer: Layer
  readonly code: string | null
  readonly message: string
  readonly remedy: string | null
}

/** A fact that asks for nothing. */
export const info = (about: NoteAbout, layer: Layer, message: string): ContractNote => ({
  about,
  severity: 'info',
  layer,
  code: null,
  message,
  remedy: null,
})

/** Names for a sentence; of many only the first. */
export function listed(names: readonly string[], most = 5): string {
  const rest = names.length - most
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${rest} more` : names.join(', ')
}

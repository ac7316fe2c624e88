import type { Unnamed } from '../../fleet/discovery.ts'
import type { AuditNode } from '../audit.ts'

/** The address that a server still needs, as far as it is known; what is not stands in capitals. Never with a password. */
export function neededUrl(
  { by, address, port, database }: Unnamed,
  nodes: readonly Pick<AuditNode, 'name' | 'reader'>[],
): string {
  const reader = nodes.find(({ name }) => name === by)?.reader ?? 'antemortem'
  const host = address === null ? 'HOST' : address.includes(':') ? `[${address}]` : address
  return `postgres://${encodeURIComponent(reader)}@${host}:${port ?? 'PORT'}/${database === null ? 'DATABASE' : encodeURIComponent(database)}`
}

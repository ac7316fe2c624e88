import type { ConnectionChange, SettingsChange } from '../../core/lab-step.ts'

export interface Ports {
  /** One where nobody listens. */
  readonly closed: number
  /** By which the application reaches a node. */
  of(node: string): number
}

/** The keys of a settings file that a change writes, with their new values; null takes one out. */
export function rewritten(
  env: Readonly<Record<string, string>>,
  { set, main, reads }: SettingsChange,
  ports: Ports,
): Readonly<Record<string, string | null>> {
  const urls = Object.entries(env).filter(([key]) => /^READ_\w+_URL$/.test(key))
  return {
    ...(main && mainKeys(main, ports)),
    ...(reads && Object.fromEntries(urls.map(([key, url]) => [key, changedUrl(url, reads, ports)]))),
    ...set,
  }
}

function mainKeys(change: ConnectionChange, ports: Ports): Readonly<Record<string, string>> {
  return {
    ...(change.port !== undefined && { DB_PORT: String(portOf(change.port, ports)) }),
    ...(change.database !== undefined && { DB_NAME: change.database }),
    ...(change.password !== undefined && { DB_PASSWORD: change.password }),
    ...(change.sslMode !== undefined && { DB_SSLMODE: change.sslMode }),
  }
}

function changedUrl(text: string, change: ConnectionChange, ports: Ports): string {
  const url = new URL(text)
  if (change.port !== undefined) url.port = String(portOf(change.port, ports))
  if (change.database !== undefined) url.pathname = `/${encodeURIComponent(change.database)}`
  if (change.password !== undefined) url.password = encodeURIComponent(change.password)
  if (change.sslMode !== undefined) url.searchParams.set('sslmode', change.sslMode)
  return url.href
}

const portOf = (port: NonNullable<ConnectionChange['port']>, ports: Ports): number =>
  port === 'closed' ? ports.closed : ports.of(port.of)

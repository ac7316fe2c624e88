import { libpqUrl, urlWith } from '../../../contracts/dialect.ts'
import type { ConnectionFields } from '../../../contracts/formats/format.ts'

/** How a node of the copy is reached. */
export interface LabWay {
  readonly node: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

/** Where the copy listens, for everybody who asks. */
export const labHost = '127.0.0.1'

/** The parts of an address that applications keep apart. */
export const parts = ['url', 'host', 'port', 'database', 'user', 'password'] as const
export type Part = (typeof parts)[number]

/** The connection to the copy as a settings file says it: the copy has no TLS. */
export const labFields = ({ port, database, user, password }: LabWay): ConnectionFields => ({
  host: labHost,
  port,
  database,
  user,
  password,
  sslMode: 'disable',
})

/** The same URL to the copy: its dialect and its other parameters stay. A plain one where there was none. Pure. */
export const labUrl = (way: LabWay, old: string | null): string =>
  urlWith(old === null || libpqUrl(old) === null ? null : old, labFields(way))

/** One part of it, as a variable of the environment holds it. */
export function partOf(way: LabWay, part: Part, old: string | null): string {
  const { port, database, user, password } = way
  return { url: labUrl(way, old), host: labHost, port: String(port), database, user, password }[part]
}

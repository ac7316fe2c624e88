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

const form = /^((?:jdbc:)?postgres(?:ql)?(?:\+\w+)?:\/\/)(?:[^/?#]*@)?[^/?#]*(?:\/[^?#]*)?(?:\?([^#]*))?/i
/** Of the old address: where it was, and how it was trusted. */
const ofTheWay =
  /^(?:host|hostaddr|port|user|password|dbname|ssl\w*|target_session_attrs|targetServerType|service|passfile)$/i

/** The same URL to the copy: its dialect and its other parameters stay. A plain one where there was none. Pure. */
export function labUrl({ port, database, user, password }: LabWay, old: string | null): string {
  const [, scheme = 'postgresql://', query = ''] = form.exec(old?.trim() ?? '') ?? []
  const isJdbc = /^jdbc:/i.test(scheme)
  const kept = query.split('&').filter((pair) => pair !== '' && !ofTheWay.test(pair.split('=')[0] ?? ''))
  const login = isJdbc ? [`user=${encodeURIComponent(user)}`, `password=${encodeURIComponent(password)}`] : []
  const all = [...login, ...kept, isJdbc ? 'ssl=false' : 'sslmode=disable']
  const authority = isJdbc ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`
  return `${scheme}${authority}${labHost}:${port}/${encodeURIComponent(database)}?${all.join('&')}`
}

/** One part of it, as a variable of the environment holds it. */
export function partOf(way: LabWay, part: Part, old: string | null): string {
  const { port, database, user, password } = way
  return { url: labUrl(way, old), host: labHost, port: String(port), database, user, password }[part]
}

import type { Edit } from './edit.ts'
import type { ConnectionFields } from './format.ts'

/** Parts of a connection by libpq's words, and the variable that means the same. */
export const variables = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  passfile: 'PGPASSFILE',
  options: 'PGOPTIONS',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  service: 'PGSERVICE',
} as const

export type Part = keyof typeof variables

const isPart = (word: string): word is Part => Object.hasOwn(variables, word)

export const partNames: readonly Part[] = Object.keys(variables).filter(isPart)

export const partNamed = (word: string): Part | null => (isPart(word) ? word : null)

/** A value and where it stands in the text, quotes included. */
export interface PlacedPart {
  readonly part: Part
  readonly value: string
  readonly from: number
  readonly to: number
}

export const variablesOf = (parts: readonly Pick<PlacedPart, 'part' | 'value'>[]): Readonly<Record<string, string>> =>
  Object.fromEntries(parts.map(({ part, value }) => [variables[part], value]))

/** How a format says a value. Each throws where it cannot. */
export interface Spelling {
  /** In the place of an old one, in its manner. */
  readonly spell: (value: string, old: PlacedPart) => string
  /** Where there was none; null where this format has no word for it. */
  readonly add: (part: Part, value: string) => Edit | null
  readonly remove: (old: PlacedPart) => Edit
}

/** Another address beside the written one would win over it. */
const others: ReadonlySet<Part> = new Set(['hostaddr', 'service'])
/** What a part means where it is not there. */
const defaults: Readonly<Partial<Record<Part, string>>> = { port: '5432', sslmode: 'prefer' }

/** What must be written so that the parts are these; what is so already is not touched. Pure. */
export function editsOf(
  parts: readonly PlacedPart[],
  { host, port, database, user, password, sslMode }: ConnectionFields,
  { spell, add, remove }: Spelling,
): readonly Edit[] {
  const wanted: readonly (readonly [Part, string | null])[] = [
    ['host', host],
    ['port', String(port)],
    ['dbname', database],
    ['user', user],
    ['password', password],
    ['sslmode', sslMode],
  ]
  const written = wanted.flatMap(([part, value]): Edit[] => {
    if (value === null) return []
    const old = parts.filter((each) => each.part === part)
    if (old.length === 0) return defaults[part] === value ? [] : asList(add(part, value))
    return old
      .filter((each) => each.value !== value)
      .map((each) => ({ from: each.from, to: each.to, text: spell(value, each) }))
  })
  return [...written, ...parts.filter(({ part }) => others.has(part)).map(remove)]
}

const asList = (edit: Edit | null): Edit[] => (edit === null ? [] : [edit])

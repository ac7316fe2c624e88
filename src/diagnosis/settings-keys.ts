import type { Case } from '../core/diagnosis.ts'
import type { ContractFact, SettingsFileFact, SettingsKeyFact } from '../core/facts/cluster.ts'
import type { Change } from '../core/change.ts'
import { subject } from '../core/subject.ts'
import { compare } from './look.ts'

/** Keys of an application's settings file that are not what they were when it last worked, and what each of them can break. */

export type KeyPart =
  | 'host'
  | 'port'
  | 'database'
  | 'user'
  | 'password'
  | 'tls'
  | 'url'
  | 'pool-max'
  | 'pool-min'
  | 'connect-timeout'
  | 'query-timeout'

export interface ChangedKey {
  readonly file: SettingsFileFact
  readonly key: SettingsKeyFact
  readonly part: KeyPart
  /** Its newest change since all was good; null where it was not seen happening. */
  readonly change: Change | null
}

/** By the end of its name: `DB_PORT`, `PGPORT`, `REPORTS_PORT`. */
const parts: readonly (readonly [RegExp, KeyPart])[] = [
  [/POOL_MAX$/, 'pool-max'],
  [/POOL_MIN$/, 'pool-min'],
  [/CONNECT_TIMEOUT(?:_MS)?$/, 'connect-timeout'],
  [/QUERY_TIMEOUT_MS$/, 'query-timeout'],
  [/(?:_|^PG)HOST(?:ADDR)?$/, 'host'],
  [/(?:_|^PG)PORT$/, 'port'],
  [/(?:_NAME|^PGDATABASE)$/, 'database'],
  [/(?:_|^PG)USER$/, 'user'],
  [/(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|^PGPASSFILE)$/, 'password'],
  [/SSL\w*$/, 'tls'],
]

export const partOf = (key: string): KeyPart => parts.find(([name]) => name.test(key))?.[1] ?? 'url'

const where = ['host', 'port', 'url'] as const satisfies readonly KeyPart[]

/** What a failing layer is explained by, most closely first. Another server may refuse in any way. */
const explaining: Readonly<Record<NonNullable<ContractFact['layer']>, readonly KeyPart[]>> = {
  dns: where,
  tcp: where,
  tls: ['tls', 'url', 'host', 'port'],
  access: ['user', 'database', 'tls', 'url', 'host', 'port'],
  auth: ['password', 'user', 'url', 'host', 'port'],
  database: ['database', 'url', 'user', 'host', 'port'],
  capacity: ['pool-max', 'pool-min', 'user', 'url'],
  role: ['port', 'host', 'url', 'user', 'database'],
  query: ['database', 'user', 'url', 'host', 'port'],
  latency: ['query-timeout', 'connect-timeout', 'pool-max', 'host', 'port', 'url'],
  data: ['host', 'port', 'database', 'url'],
  stale: ['host', 'port', 'database', 'url'],
}

/** All keys that differ from what was last known good, in one order. */
export const changedKeys = (c: Case): readonly ChangedKey[] => {
  const files = c.snapshot.facts.files
  if (!files.seen) return []
  return files.value
    .flatMap((file) =>
      file.keys
        .filter(({ lastGood, value }) => lastGood !== undefined && lastGood !== value)
        .map((key) => ({ file, key, part: partOf(key.key), change: newest(c, subject.file(file.file, key.key)) })),
    )
    .toSorted((a, b) => compare(a.file.file, b.file.file) || compare(a.key.key, b.key.key))
}

const newest = (c: Case, object: string): Change | null =>
  c.changes
    .filter((change) => change.object === object && change.atMs > (c.lastGoodMs ?? Number.NEGATIVE_INFINITY))
    .toSorted((a, b) => b.atMs - a.atMs || compare(a.id, b.id))[0] ?? null

/** The instance's changed key that explains best why this layer fails; of several alike the one that names the node. */
export function explainingKey(
  changed: readonly ChangedKey[],
  failure: Pick<ContractFact, 'instance' | 'node' | 'layer'>,
): ChangedKey | null {
  const own = changed.filter(({ file }) => file.instance === failure.instance)
  const order = failure.layer === null ? [...where, 'database', 'user', 'password'] : explaining[failure.layer]
  for (const part of order) {
    const such = own.filter((each) => each.part === part)
    const named = such.find(({ key }) =>
      key.key.toLowerCase().includes(failure.node.toLowerCase().replaceAll('-', '_')),
    )
    const found = named ?? such[0]
    if (found) return found
  }
  return null
}

/** May the instance's own settings be why this fails? Not where the old ones, tried again, do not work either. */
export function mayBeOwnSettings(c: Case, failure: Pick<ContractFact, 'instance' | 'node' | 'layer'>): boolean {
  const key = explainingKey(changedKeys(c), failure)
  return key !== null && key.key.oldWorks !== false
}

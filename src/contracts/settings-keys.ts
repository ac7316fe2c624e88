import { createHmac } from 'node:crypto'
import type { SettingsKeyFact } from '../core/facts/cluster.ts'
import { redact } from '../core/redact.ts'
import { readEnv } from './env-file.ts'

/** Of one connection, by its prefix: how it is made, and how many of it there are. */
const parts = 'HOST|PORT|NAME|USER|PASSWORD|SSLMODE|POOL_MAX|POOL_MIN|CONNECT_TIMEOUT_MS|QUERY_TIMEOUT_MS'
const ofPrefix = new RegExp(`^(?:DB|DATABASE|POSTGRES|MYSQL)_(?:${parts})$`)
const ofLibpq = /^PG[A-Z]+$/
const isUrl = /^(?:jdbc:)?(?:postgres|postgresql|mysql|mariadb)(?:\+\w+)?:\/\//
const isSecretName = /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN)$/

/**
 * What a settings file says of its database connections, key by key; nothing else of the file is kept. A secret is only a digest
 * with this process's own key: it shows that it has changed, and nothing outside this process.
 */
export function settingsKeys(
  text: string,
  named: ReadonlySet<string>,
  key: Buffer,
): readonly Pick<SettingsKeyFact, 'key' | 'value' | 'isSecret'>[] {
  const isOurs = (name: string, value: string): boolean =>
    ofPrefix.test(name) || ofLibpq.test(name) || isUrl.test(value) || isNamed(name, named)
  return [...readEnv(text)]
    .filter(([name, { value }]) => isOurs(name, value))
    .map(([name, { value }]) => ({ key: name, ...shown(name, value, key) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

/** `#REPORTS_URL` names that key, `#REPORTS` also REPORTS_HOST and its like. */
const isNamed = (name: string, named: ReadonlySet<string>): boolean =>
  named.has(name) || [...named].some((prefix) => new RegExp(`^(?:${parts})$`).test(afterPrefix(name, prefix)))

const afterPrefix = (name: string, prefix: string): string =>
  name.startsWith(`${prefix}_`) ? name.slice(prefix.length + 1) : ''

const digest = (value: string, key: Buffer): string =>
  `#${createHmac('sha256', key).update(value).digest('hex').slice(0, 12)}`

function shown(name: string, value: string, key: Buffer): Pick<SettingsKeyFact, 'value' | 'isSecret'> {
  if (isSecretName.test(name)) return { value: value === '' ? '' : digest(value, key), isSecret: true }
  const masked = redact(value)
  // The mask hides the password of a URL, and with it that it has changed.
  return { value: masked === value ? value : `${masked} ${digest(value, key)}`, isSecret: false }
}

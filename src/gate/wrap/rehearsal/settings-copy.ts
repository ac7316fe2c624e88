import type { UsableTarget } from '../../../contracts/targets.ts'
import { labHost, labUrl, type LabWay } from './lab-way.ts'

/** The text of a settings file with this connection led to the copy; every other byte stays. Pure. */
export function ledToLab(text: string, keys: readonly string[], way: LabWay): string {
  const [only] = keys
  if (keys.length === 1 && only !== undefined && !/_?HOST$/.test(only))
    return withKey(text, only, (old) => labUrl(way, old))
  const isLibpq = keys.some((key) => /^PG[A-Z]+$/.test(key))
  const prefix = isLibpq ? 'PG' : `${/^(.*?)_[A-Z]+$/.exec(only ?? '')?.[1] ?? 'DB'}_`
  const values: Readonly<Record<string, string>> = {
    [`${prefix}HOST`]: labHost,
    [`${prefix}PORT`]: String(way.port),
    [isLibpq ? 'PGDATABASE' : `${prefix}NAME`]: way.database,
    [`${prefix}USER`]: way.user,
    [`${prefix}PASSWORD`]: way.password,
    [`${prefix}SSLMODE`]: 'disable',
  }
  // Another address beside these would win over them.
  const without = isLibpq ? ['PGHOSTADDR', 'PGSERVICE'] : []
  const cleaned = without.reduce((rest, key) => rest.replaceAll(lineOf(key), ''), text)
  return Object.entries(values).reduce((rest, [key, value]) => withKey(rest, key, () => value), cleaned)
}

const lineOf = (key: string): RegExp => new RegExp(`^([ \\t]*(?:export[ \\t]+)?${key}[ \\t]*=[ \\t]*)(.*)$`, 'gm')

/** A key given twice counts by its last line: all of them are written. One that is missing is added. */
function withKey(text: string, key: string, value: (old: string) => string): string {
  const line = lineOf(key)
  if (!line.test(text)) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${key}=${value('')}\n`
  line.lastIndex = 0
  return text.replaceAll(
    line,
    (_, head: string, old: string) => `${head}${value(old.replace(/^(["'])(.*?)\1.*$/, '$2'))}`,
  )
}

/** The connection of a settings file, as one of the copy's ways. */
export const keysOf = ({ settings }: UsableTarget): readonly string[] => settings.source.keys

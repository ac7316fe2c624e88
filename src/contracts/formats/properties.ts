import { connectTimeoutMs, libpqUrl, urlWith } from '../dialect.ts'
import { poolOf, wholeNumber } from '../pool-settings.ts'
import { edited, type Edit } from './edit.ts'
import { chosen, wrong, type ConnectionFields, type Entry, type SettingsFormat } from './format.ts'
import { propertyValue, readProperties, type Property } from './properties-file.ts'

/** Java's properties: a JDBC URL, and its login beside it; `#KEY` is the property with the URL. */
export const properties: SettingsFormat = {
  name: '.properties',
  isFor: (base) => base.endsWith('.properties'),
  find(text, file, key) {
    const all = resolved(readProperties(text))
    const urls = new Map([...all].filter(([, { value }]) => isUrl.test(value)))
    const isUsual = key === null && urls.has(usual)
    const [name, url] = chosen(key === null ? urls : all, { file, key: isUsual ? usual : key, what: 'JDBC URL' })
    const login = loginOf(all, name)
    const used = [url, login.user, login.password].flatMap((each) => each ?? [])
    const unread = used.find(({ value }) => isElsewhere.test(value))
    const of = (...names: readonly string[]): string | undefined =>
      names.map((each) => all.get(`${prefixOf(name)}.hikari.${each}`)?.value).find((value) => value !== undefined)
    return {
      keys: used.map((each) => each.key),
      url: url.value.trim(),
      variables: {
        ...(login.user !== undefined && { PGUSER: login.user.value }),
        ...(login.password !== undefined && { PGPASSWORD: login.password.value }),
      },
      pool: poolOf({
        max: wholeNumber(of('maximum-pool-size', 'maximumPoolSize')),
        min: wholeNumber(of('minimum-idle', 'minimumIdle')),
        connectMs:
          wholeNumber(of('connection-timeout', 'connectionTimeout')) ?? connectTimeoutMs(libpqUrl(url.value) ?? ''),
      }),
      problem:
        unread === undefined
          ? null
          : wrong(
              `${file}:${unread.line}`,
              `${unread.key} comes from elsewhere (\${…}, ENC(…) or {cipher}…), and is not known here`,
              'Name the file that it comes from, such as the .env of the service, or write the value there.',
            ),
      write: (fields) => write(text, { url, ...login }, fields),
    }
  },
  entries(text, _, named) {
    const all = new Map(readProperties(text).map((each) => [each.key, each]))
    const urls = [...all].filter(([key, { value }]) => isUrl.test(value) || named.has(key)).map(([key]) => key)
    const ours = new Set(
      urls.flatMap((name) => {
        const { user, password } = loginOf(all, name)
        const pool = [...all.keys()].filter((key) => key.startsWith(`${prefixOf(name)}.hikari.`))
        return [name, ...[user, password].flatMap((each) => each?.key ?? []), ...pool]
      }),
    )
    return [...all]
      .filter(([key]) => ours.has(key))
      .map(([key, { value, line }]): Entry => ({
        key,
        value,
        line,
        isSecret: /pass(?:word|wd|phrase)?$|secret$/i.test(key),
      }))
  },
}

/** `${name}` of the same file, as long as it has no other one in it. */
function resolved(lines: readonly Property[]): ReadonlyMap<string, Property> {
  const plain = new Map(lines.map((each) => [each.key, each.value]))
  const valueOf = ({ value }: Property): string =>
    value.replace(/\$\{([^{}:]+)\}/g, (whole, name: string) => plain.get(name) ?? whole)
  return new Map(lines.map((each) => [each.key, { ...each, value: valueOf(each) }]))
}

const usual = 'spring.datasource.url'
const isUrl = /^\s*(?:jdbc:|postgres(?:ql)?:\/\/)/i
const isElsewhere = /\$\{|^\s*ENC\(|^\s*\{cipher\}/

const prefixOf = (name: string): string => name.replace(/\.?[^.]*$/, '')

interface Login {
  readonly user: Property | undefined
  readonly password: Property | undefined
}

/** Beside the URL: `x.url` has `x.username`; Quarkus' `x.jdbc.url` has it one step above. */
function loginOf(all: ReadonlyMap<string, Property>, name: string): Login {
  const prefix = prefixOf(name)
  const places = [prefix, ...(prefix.endsWith('.jdbc') ? [prefixOf(prefix)] : [])]
  const find = (words: readonly string[]): Property | undefined =>
    places.flatMap((place) => words.flatMap((word) => all.get(place === '' ? word : `${place}.${word}`) ?? []))[0]
  return { user: find(['username', 'user', 'user-name', 'userName']), password: find(['password', 'passwd', 'pass']) }
}

function write(
  text: string,
  { url, user, password }: Login & { readonly url: Property },
  fields: ConnectionFields,
): string {
  const login = user === undefined
  const wanted: readonly (readonly [Property | undefined, string | null])[] = [
    [url, urlWith(url.value.includes('${') ? scheme(url.value) : url.value, fields, { login })],
    [user, fields.user],
    [password, fields.password],
  ]
  const written = new Map(
    wanted.flatMap(([property, value]) => (property && value !== null ? [[property.key, value]] : [])),
  )
  return edited(
    text,
    // One that stands twice counts by its last line: all of them are written.
    readProperties(text).flatMap(({ key, value, from, to }): Edit[] => {
      const next = written.get(key)
      return next === undefined || next === value ? [] : [{ from, to, text: spelled(next, key) }]
    }),
  )
}

/** Whoever reads the file would look elsewhere for such a value. */
function spelled(value: string, key: string): string {
  if (!isElsewhere.test(value)) return propertyValue(value)
  throw wrong(
    key,
    'a properties file cannot hold a value with ${ in it',
    'Use another value, or a JDBC URL with its login.',
  )
}

/** Of a URL with words from elsewhere only its dialect is known. */
const scheme = (url: string): string =>
  /^\s*(?:jdbc:)?postgres(?:ql)?:\/\//i.exec(url)?.[0].trim() ?? 'jdbc:postgresql://'

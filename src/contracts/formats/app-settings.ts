import { connectTimeoutMs, libpqUrl, urlWith } from '../dialect.ts'
import { poolOf, wholeNumber } from '../pool-settings.ts'
import { edited, type Edit } from './edit.ts'
import {
  chosen,
  wrong,
  type ConnectionFields,
  type Entry,
  type FoundConnection,
  type SettingsFormat,
} from './format.ts'
import { jsonStrings, type JsonString } from './json-strings.ts'
import * as npgsql from './npgsql.ts'
import { editsOf, variablesOf, type PlacedPart } from './parts.ts'

/** .NET's own file: texts under `ConnectionStrings`, in Npgsql's words; `#KEY` is `ConnectionStrings:Default`, or any other path. */
export const appSettings: SettingsFormat = {
  name: 'appsettings.json',
  isFor: (base) => base.endsWith('.json'),
  find(text, file, key) {
    const strings = jsonStrings(text, file)
    const candidates = strings.filter((each) => (key === null ? isConnectionString(each) : isNamed(each, key)))
    const byName = new Map(candidates.map((each) => [nameOf(each), each]))
    const spelt = key === null ? null : ([...byName.keys()].at(-1) ?? key)
    if (key !== null && byName.size === 0) {
      const known = new Map(strings.filter(isConnectionString).map((each) => [nameOf(each), each]))
      chosen(known, { file, key, what: 'connection string' })
    }
    const [name, string] = chosen(byName, { file, key: spelt, what: 'connection string' })
    return isUrl.test(string.value) ? byUrl(text, name, string) : byWords(text, file, name, string)
  },
  entries: (text, file, named) =>
    jsonStrings(text, file)
      .filter((each) => isConnectionString(each) || [...named].some((key) => isNamed(each, key)))
      .flatMap((each) => entriesOf(each)),
}

const isUrl = /^\s*\w+(?:[+:]\w+)*:\/\//

const nameOf = ({ path }: JsonString): string => path.join(':')

const isConnectionString = ({ path }: JsonString): boolean =>
  path.length === 2 && path[0]?.toLowerCase() === 'connectionstrings'

/** Names have no case; `Default` is the one of that name under ConnectionStrings. */
const isNamed = (string: JsonString, key: string): boolean => {
  const [name, wanted] = [nameOf(string).toLowerCase(), key.toLowerCase()]
  return name === wanted || name === `connectionstrings:${wanted}`
}

function entriesOf(string: JsonString): readonly Entry[] {
  const name = nameOf(string)
  const words = npgsql.npgsqlWords(string.value)
  const { line } = string
  if (isUrl.test(string.value) || words.length === 0) return [{ key: name, value: string.value, isSecret: false, line }]
  return words.map(({ keyword, value }) => ({
    key: `${name}.${keyword}`,
    value,
    line,
    isSecret: npgsql.npgsqlPart(keyword) === 'password' || /password|secret/i.test(keyword),
  }))
}

const inJson = (value: string): string => JSON.stringify(value).slice(1, -1)

function byUrl(text: string, name: string, { value, at }: JsonString): FoundConnection {
  return {
    keys: [name],
    url: value,
    variables: {},
    pool: poolOf({ connectMs: connectTimeoutMs(libpqUrl(value) ?? '') }),
    problem: null,
    write: (fields) => edited(text, [{ from: at[0] ?? 0, to: at.at(-1) ?? 0, text: inJson(urlWith(value, fields)) }]),
  }
}

function byWords(text: string, file: string, name: string, string: JsonString): FoundConnection {
  const words = npgsql.npgsqlWords(string.value)
  const place = `${file}:${string.line}`
  if (words.length === 0)
    throw wrong(
      place,
      `${name} ${string.value.trim() === '' ? 'is empty' : 'is no connection string'}`,
      'Name the file that has it: user secrets and variables of the environment are files of their own.',
    )
  const of = (...names: readonly string[]): string | undefined =>
    words.findLast(({ keyword }) => names.includes(npgsql.npgsqlName(keyword)))?.value
  const placed = words.flatMap(({ keyword, value, from, to }): PlacedPart[] => {
    const part = npgsql.npgsqlPart(keyword)
    return part === null ? [] : [{ part, value: npgsql.fromNpgsql(part, value), from, to }]
  })
  const variables = variablesOf(placed)
  const hosts = npgsql.hostsAndPorts(variables['PGHOST'] ?? '', variables['PGPORT'])
  const schema = of('searchpath')
  const foreign = words.find(({ keyword }) => npgsql.isOfAnotherDatabase(keyword))
  return {
    keys: words.filter(({ keyword }) => npgsql.npgsqlPart(keyword) !== null).map(({ keyword }) => `${name}.${keyword}`),
    url: null,
    variables: {
      ...variables,
      PGHOST: hosts.host,
      PGPORT: hosts.port,
      ...(schema !== undefined &&
        variables['PGOPTIONS'] === undefined && { PGOPTIONS: `-c search_path=${schema.replaceAll(' ', '')}` }),
    },
    pool: poolOf({
      max: wholeNumber(of('maximumpoolsize', 'maxpoolsize')),
      min: wholeNumber(of('minimumpoolsize', 'minpoolsize')),
      connectMs: wholeNumber(of('timeout', 'connecttimeout', 'connectiontimeout'), 1000),
      queryMs: wholeNumber(of('commandtimeout'), 1000),
    }),
    problem:
      foreign === undefined
        ? null
        : wrong(
            place,
            `${name} is another database's: Npgsql has no ${foreign.keyword}`,
            'Other databases are not in this version yet.',
          ),
    write: (fields) => write(text, string, placed, fields),
  }
}

function write(
  text: string,
  { value, at }: JsonString,
  placed: readonly PlacedPart[],
  fields: ConnectionFields,
): string {
  const inText = (edit: Edit): Edit => ({
    from: at[edit.from] ?? 0,
    to: at[edit.to] ?? 0,
    text: inJson(edit.text),
  })
  const hasEnd = /;\s*$/.test(value)
  const edits = editsOf(placed, fields, {
    spell: (next, { part }) => npgsql.npgsqlValue(npgsql.toNpgsql(part, next)),
    add: (part, next) => {
      const keyword = npgsql.npgsqlKeyword(part)
      const pair = `${keyword}=${npgsql.npgsqlValue(npgsql.toNpgsql(part, next))}`
      const end = value.length
      return keyword === null ? null : { from: end, to: end, text: hasEnd ? `${pair};` : `;${pair}` }
    },
    remove: ({ from, to }) => ({ from, to, text: '' }),
  })
  return edited(text, edits.map(inText))
}

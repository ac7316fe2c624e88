import { readConfLine } from '../../core/conf-line.ts'
import { conninfoValue, readConninfo } from '../../core/conninfo.ts'
import { connectTimeoutMs, urlWith } from '../dialect.ts'
import { poolOf } from '../pool-settings.ts'
import { edited, linesOf, type Edit } from './edit.ts'
import { wrong, type ConnectionFields, type Entry, type SettingsFormat } from './format.ts'
import { editsOf, partNamed, variablesOf, type PlacedPart } from './parts.ts'

/** A server's own file, for the one connection in it that is a client's: by `primary_conninfo` a standby follows. */
export const serverConf: SettingsFormat = {
  name: 'postgresql.conf',
  isFor: (base) => /^(?:postgresql.*|recovery)\.conf$/.test(base),
  find(text, file, key) {
    const name = key ?? usual
    // A server takes the last.
    const found = conninfosIn(text).findLast((each) => each.name === name)
    if (!found || found.value.trim() === '')
      throw wrong(
        found ? `${file}:${found.line}` : file,
        found ? `${name} is empty` : `has no ${name}`,
        'A standby has it where pg_basebackup -R wrote it: in postgresql.auto.conf of its data directory.',
      )
    const isUrl = /^postgres(?:ql)?:\/\//.test(found.value)
    const { words, end } = readConninfo(found.value)
    if (!isUrl && found.value.slice(end).trim() !== '')
      throw wrong(
        `${file}:${found.line}`,
        `${name} is no connection string`,
        'Write host=… port=… user=…, as libpq does.',
      )
    const parts = words.flatMap(({ keyword, value, from, to }): PlacedPart[] => {
      const part = partNamed(keyword)
      return part === null ? [] : [{ part, value, from, to }]
    })
    return {
      keys: isUrl ? [name] : words.map(({ keyword }) => `${name}.${keyword}`),
      url: isUrl ? found.value : null,
      isReplication: true,
      // It has no database; under this name its password stands in a password file.
      variables: isUrl ? {} : { PGDATABASE: 'replication', ...variablesOf(parts) },
      pool: poolOf({
        connectMs: connectTimeoutMs(
          isUrl ? found.value : `?connect_timeout=${words.find(({ keyword }) => keyword === 'connect_timeout')?.value}`,
        ),
      }),
      problem: null,
      write: (fields) =>
        edited(text, isUrl ? [whole(found, urlWith(found.value, fields))] : pieces(found, parts, fields)),
    }
  },
  entries: (text) =>
    conninfosIn(text).flatMap(({ name, value, line }): readonly Entry[] => {
      const { words } = readConninfo(value)
      if (words.length === 0) return [{ key: name, value, isSecret: false, line }]
      return words.map(({ keyword, value: word }) => ({
        key: `${name}.${keyword}`,
        value: word,
        isSecret: keyword.endsWith('password'),
        line,
      }))
    }),
}

const usual = 'primary_conninfo'

interface Conninfo {
  readonly name: string
  readonly value: string
  readonly line: number
  /** Where each letter of the value stands in the file, and where its closing quote does. */
  readonly at: readonly number[]
}

/** Settings of this kind are quoted: the server takes them no other way. */
function conninfosIn(text: string): readonly Conninfo[] {
  const lineOf = linesOf(text)
  return [...text.matchAll(/[^\r\n]+/g)].flatMap((match): readonly Conninfo[] => {
    const said = readConfLine(match[0])
    if (said.kind !== 'setting' || !said.name.endsWith('_conninfo')) return []
    const open = match[0].indexOf("'")
    const body = /^(?:[^'\\]|\\.|'')*/.exec(match[0].slice(open + 1))?.[0] ?? ''
    const from = match.index + open + 1
    const letters = [...body.matchAll(/\\[0-7]{1,3}|\\.|''|[\s\S]/g)]
    const at = [...letters.map(({ index }) => from + index), from + body.length]
    return [{ name: said.name, value: said.value, line: lineOf(match.index), at }]
  })
}

const inQuotes = (value: string): string => value.replace(/[\\']/g, (sign) => (sign === "'" ? "''" : String.raw`\\`))

const whole = ({ at }: Conninfo, value: string): Edit => ({
  from: at[0] ?? 0,
  to: at.at(-1) ?? 0,
  text: inQuotes(value),
})

function pieces({ value, at }: Conninfo, parts: readonly PlacedPart[], fields: ConnectionFields): readonly Edit[] {
  const inText = ({ from, to, text }: Edit): Edit => ({ from: at[from] ?? 0, to: at[to] ?? 0, text: inQuotes(text) })
  const end = value.trimEnd().length
  const edits = editsOf(parts, fields, {
    spell: (next) => conninfoValue(next),
    add: (part, next) =>
      // Replication is for no database, unless the file names one.
      part === 'dbname' ? null : { from: end, to: end, text: ` ${part}=${conninfoValue(next)}` },
    remove: ({ from, to }) => ({ from, to, text: "''" }),
  })
  return edits.map(inText)
}

import { poolOf, wholeNumber } from '../pool-settings.ts'
import { urlWith } from '../dialect.ts'
import { edited, lineEndOf, newLine, type Edit } from './edit.ts'
import { wrong, type ConnectionFields, type Entry, type FoundConnection, type SettingsFormat } from './format.ts'
import { editsOf, partNamed, variablesOf, type Part, type PlacedPart } from './parts.ts'
import { readYamlTree, type YamlBranch, type YamlRoom, type YamlValue } from './yaml-tree.ts'

/** Rails' `config/database.yml`: an environment each; `#KEY` is `production`, or `production.replica` where it has several. */
export const databaseYml: SettingsFormat = {
  name: 'database.yml',
  isFor: (base) => /^database.*\.ya?ml$/.test(base),
  find(text, file, key) {
    const tree = readYamlTree(withoutErbComments(text, file), file)
    const { name, branch } = key === null ? usual(tree, file) : named(tree, file, key)
    return connectionOf(text, file, name, branch)
  },
  entries(text, file) {
    const tree = readYamlTree(withoutErbComments(text, file), file)
    return entriesOf(tree, [])
  },
}

/** A page; reading YAML that is none takes its time. */
const largest = 32_768

/** Lines that are ERB alone: comments say nothing, and of what runs nobody knows what it leaves. */
function withoutErbComments(text: string, file: string): string {
  if (text.length > largest)
    throw wrong(file, `${text.length} characters are more than it has (${largest})`, 'Name the file of the settings.')
  const running = /^[ \t]*<%(?![=#%])/m.exec(text)
  if (running)
    throw wrong(
      `${file}:${text.slice(0, running.index).split('\n').length}`,
      'ERB decides here what the file says (<% … %>), and it is not run',
      'Name another file of the same settings, or write them out.',
    )
  return text.replace(
    /^([ \t]*)(<%#.*?%>)(?=[ \t]*\r?$)/gm,
    (_, blank: string, comment: string) => `${blank}${'#'.repeat(comment.length)}`,
  )
}

const hasErb = (value: string): boolean => /<%(?!%)/.test(value)
/** ERB's own escape. */
const plainOf = (value: string): string => value.replaceAll('<%%', '<%')

const isConnection = ({ values }: YamlBranch): boolean =>
  values.some(({ key }) => ['adapter', 'url', 'database', 'host'].includes(key))

/** Production, else the only one. */
function usual(tree: YamlBranch, file: string): { readonly name: string; readonly branch: YamlBranch } {
  const all = [...tree.branches.keys()]
  const only = all.includes('production') ? 'production' : all.length === 1 ? all[0] : undefined
  if (only === undefined)
    throw wrong(
      file,
      all.length === 0
        ? 'has no environment'
        : `has no production, and more than one environment: ${all.slice(0, 8).join(', ')}`,
      all.length === 0
        ? 'Name the file of the settings.'
        : `Say which: ${all
            .slice(0, 8)
            .map((each) => `${file}#${each}`)
            .join(' or ')}.`,
    )
  return named(tree, file, only)
}

function named(tree: YamlBranch, file: string, key: string): { readonly name: string; readonly branch: YamlBranch } {
  const [environment = '', ...rest] = key.split('.')
  const inside = tree.branches.get(environment)
  const branch = rest.length === 0 ? inside : inside?.branches.get(rest.join('.'))
  if (!branch) throw wrong(file, `has no ${key}`, `It has ${namesIn(tree).slice(0, 8).join(', ')}.`)
  if (isConnection(branch)) return { name: key, branch }
  // Of an environment with several databases Rails takes the first.
  const [first] = branch.branches
  if (rest.length === 0 && first && isConnection(first[1])) return { name: `${key}.${first[0]}`, branch: first[1] }
  throw wrong(file, `${key} names no database`, 'Give it a url, or host and database.')
}

const namesIn = (tree: YamlBranch): readonly string[] =>
  [...tree.branches].flatMap(([name, branch]) => [
    name,
    ...[...branch.branches.keys()].map((each) => `${name}.${each}`),
  ])

/** Rails' own words where they are not libpq's. */
const words: Readonly<Record<string, Part>> = { database: 'dbname', username: 'user' }
const wordOf = (part: Part): string => Object.keys(words).find((word) => words[word] === part) ?? part
const partOf = (key: string): Part | null => (Object.hasOwn(words, key) ? (words[key] ?? null) : partNamed(key))

function connectionOf(text: string, file: string, name: string, branch: YamlBranch): FoundConnection {
  const of = (key: string): YamlValue | undefined => branch.values.find((each) => each.key === key)
  const relevant = branch.values.filter(({ key, value }) => (key === 'url' || partOf(key) !== null) && value !== '')
  const parts = relevant.flatMap((each): PlacedYaml[] => {
    const part = partOf(each.key)
    return part === null ? [] : [{ ...each, value: plainOf(each.value), part }]
  })
  const url = of('url')
  const erb = relevant.find(({ value }) => hasErb(value))
  const adapter = of('adapter')
  const schema = plainOf(of('schema_search_path')?.value ?? '')
  const isOther = adapter !== undefined && !/^postg(?:res|is)/.test(adapter.value) && !hasErb(adapter.value)
  const problem = isOther
    ? wrong(
        `${file}:${adapter.line}`,
        `${name}.adapter is another database's`,
        'Other databases are not in this version yet.',
      )
    : erb !== undefined
      ? wrong(
          `${file}:${erb.line}`,
          `${name}.${erb.key} is made by ERB (<%= … %>), which is not run`,
          'Name the file that its value comes from, such as the .env of the service, or write the value there.',
        )
      : null
  return {
    keys: relevant.map(({ key }) => `${name}.${key}`),
    url: url === undefined || url.value === '' ? null : plainOf(url.value),
    variables: {
      ...variablesOf(parts),
      ...(schema !== '' &&
        !hasErb(schema) &&
        of('options') === undefined && { PGOPTIONS: `-c search_path=${schema.replaceAll(' ', '')}` }),
    },
    pool: poolOf({
      max: wholeNumber(of('pool')?.value ?? of('max_connections')?.value),
      connectMs: wholeNumber(of('connect_timeout')?.value, 1000),
    }),
    problem,
    write: (fields) => write(text, file, name, { branch, parts, url: url?.value === '' ? undefined : url }, fields),
  }
}

type PlacedYaml = YamlValue & PlacedPart

interface Written {
  readonly branch: YamlBranch
  readonly parts: readonly PlacedYaml[]
  readonly url: YamlValue | undefined
}

function write(
  text: string,
  file: string,
  name: string,
  { branch, parts, url }: Written,
  fields: ConnectionFields,
): string {
  const added: Edit[] = []
  const add = (key: string, value: string): null => {
    if (branch.room === null)
      throw wrong(file, `${name} is another's mapping, and ${key} cannot be its own`, `Write ${name} out.`)
    added.push(pieceFor(text, branch.room, `${key}: ${quoted(value)}`))
    return null
  }
  /** What stands elsewhere is another's as well: this environment gets a key of its own. */
  const replace = (old: YamlValue, value: string): Edit | null =>
    old.isOwn ? { from: old.from, to: old.to, text: spelled(value, text.slice(old.from, old.to)) } : add(old.key, value)
  if (url !== undefined) {
    const next = urlWith(hasErb(url.value) ? null : plainOf(url.value), fields)
    const edit = replace(url, next)
    return edited(text, [...(edit === null ? [] : [edit]), ...added])
  }
  const service = parts.find(({ part }) => part === 'service')
  if (service)
    throw wrong(
      `${file}:${service.line}`,
      `${name}.service names a connection of pg_service.conf, and would win`,
      'Write host, port and database there instead.',
    )
  const shared = parts.filter(({ isOwn }) => !isOwn)
  const own = parts.filter(({ isOwn }) => isOwn)
  const edits = editsOf(own, fields, {
    spell: (value, { from, to }) => spelled(value, text.slice(from, to)),
    add: (part, value) => (isSame(shared, part, value) ? null : add(wordOf(part), value)),
    remove: (old) => ({ from: old.from, to: old.to, text: '""' }),
  })
  return edited(text, [...edits, ...added])
}

function pieceFor(text: string, { isFlow, first, behind }: YamlRoom, pair: string): Edit {
  const indent = /[ \t]*$/.exec(text.slice(0, first))?.[0] ?? ''
  if (behind !== null) return isFlow ? at(behind, `, ${pair}`) : newLine(text, behind, `${indent}${pair}`)
  return at(first, isFlow ? `${pair}, ` : `${pair}${lineEndOf(text)}${indent}`)
}

const at = (offset: number, text: string): Edit => ({ from: offset, to: offset, text })

const isSame = (shared: readonly PlacedYaml[], part: Part, value: string): boolean =>
  shared.some((each) => each.part === part && each.value === value)

function spelled(value: string, old: string): string {
  const isBlock = /^[|>]/.test(old)
  if (old.startsWith("'")) return `'${value.replaceAll("'", "''").replaceAll('<%', '<%%')}'`
  if (!old.startsWith('"') && !isBlock && isPlain(value)) return value
  return `${quoted(value)}${isBlock && old.endsWith('\n') ? lineEndOf(old) : ''}`
}

/** What every reader of YAML takes for a word, and none for a number, a date or a truth; a port is a number. */
const isPlain = (value: string): boolean =>
  (/^[A-Za-z_/][\w./-]*$/.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value)) ||
  /^[1-9]\d{0,4}$/.test(value) ||
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(value)

const quoted = (value: string): string => (isPlain(value) ? value : JSON.stringify(value).replaceAll('<%', '<%%'))

function entriesOf(tree: YamlBranch, path: readonly string[]): readonly Entry[] {
  const own = tree.values.map(({ key, value, line }): Entry => ({
    key: [...path, key].join('.'),
    value,
    isSecret: /password|secret|passphrase/.test(key),
    line,
  }))
  return [...own, ...[...tree.branches].flatMap(([name, branch]) => entriesOf(branch, [...path, name]))]
}

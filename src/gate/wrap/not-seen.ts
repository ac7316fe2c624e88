import type { FactKey } from '../../core/facts/postgres/index.ts'
import type { ClusterConfig } from '../../core/configuration.ts'
import type { Snapshot } from '../../core/snapshot.ts'
import type { Moment, TableContents } from './moment.ts'

/** What a green verdict does not speak for. Pure. */
export function notSeenIn(
  { contracts }: ClusterConfig,
  { before, after, kept }: { readonly before: Moment; readonly after: Moment; readonly kept: ReadonlySet<string> },
  files: readonly string[],
): readonly string[] {
  const { touched } = after.snapshot.facts
  const unverifiable = touched.seen ? touched.value.filter(({ verdict }) => verdict === 'unverifiable') : []
  return [
    ...(contracts.length === 0
      ? ['whether the application still gets in: no contract is configured, so that nobody has tried']
      : []),
    ...before.snapshot.nodes.flatMap(({ name, facts: { server } }) =>
      server.seen ? [] : [`node ${name}, which did not answer before the command: ${server.detail}`],
    ),
    ...files
      .filter((file) => !kept.has(file))
      .map((file) => `the bytes of ${file}: it was not there before the command, or may not be read by this user`),
    ...unread(after.snapshot),
    ...uncounted(after.contents),
    ...[...Map.groupBy(unverifiable, ({ node }) => node)].map(
      ([node, tables]) =>
        `whether ${listed(tables.map(({ schema, table }) => `${schema}.${table}`))} on ${node} has the rows of ${tables[0]?.source ?? ''}: ${tables[0]?.detail ?? ''}`,
    ),
  ]
}

const kinds: Readonly<Partial<Record<FactKey, string>>> = {
  settings: 'settings',
  fileSettings: 'settings that stand in the files and wait',
  accessRules: 'access rules',
  roles: 'roles',
  roleSettings: 'settings of roles',
  tables: 'tables',
  publications: 'publications',
  subscriptions: 'subscriptions',
  functions: 'functions',
  triggers: 'triggers',
  extensions: 'extensions',
}

/** Kinds of changes that could not be seen on a node that answers; a standby has the catalogs of its primary. */
function unread({ nodes }: Snapshot): readonly string[] {
  const found = nodes.flatMap(({ name, facts }) =>
    Object.entries(kinds).flatMap(([key, words]) => {
      const fact = Object.entries(facts).find(([each]) => each === key)?.[1]
      return !facts.server.seen || fact === undefined || fact.seen || fact.why === 'named-twice'
        ? []
        : [{ name, words, detail: fact.detail }]
    }),
  )
  return [...Map.groupBy(found, ({ words, detail }) => JSON.stringify([words, detail]))].map(
    ([, group]) =>
      `changes of ${group[0]?.words ?? ''} on ${group.map(({ name }) => name).join(', ')}: ${group[0]?.detail ?? ''}`,
  )
}

/** Tables whose rows were not counted: one line a node and reason. */
function uncounted(contents: readonly TableContents[]): readonly string[] {
  const left = contents.flatMap(({ node, schema, table, unread: why }) =>
    why === null ? [] : [{ node, words: why.words.replace(/\d+ rows/, 'many rows'), name: `${schema}.${table}` }],
  )
  return [...Map.groupBy(left, ({ node, words }) => JSON.stringify([node, withoutName(words)]))].map(([, group]) => {
    const [first] = group
    return `changes in the rows of ${listed(group.map(({ name }) => name))} on ${first?.node ?? ''}: ${first?.words ?? ''}`
  })
}

/** `permission denied for table a` and `… b` have one reason. */
const withoutName = (words: string): string => words.replace(/\b(?:table|relation|schema) \S+/, '')

const listed = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`

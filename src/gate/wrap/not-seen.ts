import type { ClusterConfig } from '../../core/configuration.ts'
import type { Moment, TableContents } from './moment.ts'

/** What a green verdict does not speak for. Pure. */
export function notSeenIn({ contracts }: ClusterConfig, before: Moment, after: Moment): readonly string[] {
  const { touched } = after.snapshot.facts
  const unverifiable = touched.seen ? touched.value.filter(({ verdict }) => verdict === 'unverifiable') : []
  return [
    ...(contracts.length === 0
      ? ['whether the application still gets in: no contract is configured, so that nobody has tried']
      : []),
    ...before.snapshot.nodes.flatMap(({ name, facts: { server } }) =>
      server.seen ? [] : [`node ${name}, which did not answer before the command: ${server.detail}`],
    ),
    ...uncounted(after.contents),
    ...[...Map.groupBy(unverifiable, ({ node }) => node)].map(
      ([node, tables]) =>
        `whether ${listed(tables.map(({ schema, table }) => `${schema}.${table}`))} on ${node} has the rows of ${tables[0]?.source ?? ''}: ${tables[0]?.detail ?? ''}`,
    ),
  ]
}

/** Tables whose rows were not counted: one line a node and reason. */
function uncounted(contents: readonly TableContents[]): readonly string[] {
  const unread = contents.flatMap(({ node, schema, table, unread: why }) =>
    why === null ? [] : [{ node, words: why.words.replace(/\d+ rows/, 'many rows'), name: `${schema}.${table}` }],
  )
  return [...Map.groupBy(unread, ({ node, words }) => JSON.stringify([node, withoutName(words)]))].map(([, group]) => {
    const [first] = group
    return `changes in the rows of ${listed(group.map(({ name }) => name))} on ${first?.node ?? ''}: ${first?.words ?? ''}`
  })
}

/** `permission denied for table a` and `… b` have one reason. */
const withoutName = (words: string): string => words.replace(/\b(?:table|relation|schema) \S+/, '')

const listed = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`

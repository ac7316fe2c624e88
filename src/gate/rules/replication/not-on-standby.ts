import { subject } from '../../../core/subject.ts'
import { child, text } from '../../change/tree.ts'
import { describedOf, followersOf } from '../../described.ts'
import type { Rehearsal } from '../../rehearsal.ts'
import type { GateFindingDraft } from '../../rule.ts'
import { defineRule } from '../../rule.ts'

/** What WAL carries as a name only, and what it does not carry: a directory, a library, the rows of an unlogged table, another database. */
export default defineRule({
  id: 'replication/not-on-standby',
  consequence: 'replication/standby-disconnected',
  severity: 'error',
  question:
    'Have the standbys and subscribers what the change takes for granted: directories, libraries, logged rows, databases?',
  *run(rehearsal) {
    yield* ofStatements(rehearsal)
    yield* unloggedTables(rehearsal)
  },
})

function* ofStatements({ results, primary, real, extensions }: Rehearsal): Iterable<GateFindingDraft> {
  const [standbys, subscribers] = (['standby', 'subscriber'] as const).map((role) =>
    real.filter((node) => node.role === role && node.upstream === primary).map(({ name }) => name),
  )
  for (const { statement, node, error } of results) {
    if (node !== primary) continue
    const place = text(child(statement.tree, 'CreateTableSpaceStmt'), 'tablespacename')
    if (place !== null && standbys && standbys.length > 0)
      yield {
        object: `${standbys[0] ?? primary}:tablespace ${place}`,
        nodes: standbys,
        message: `tablespace ${place} needs the same directory on ${standbys.join(', ')}: a standby without it dies when it replays the statement, and does not start again`,
        remedy: `Make the directory on ${standbys.join(', ')} first, empty and owned by the server's user; then leave this finding to an ignore comment.`,
        about: [],
        statement,
      }
    const database = text(child(statement.tree, 'CreatedbStmt'), 'dbname')
    if (database !== null && error === null && subscribers && subscribers.length > 0)
      yield {
        object: subject.database(subscribers[0] ?? primary, database),
        nodes: subscribers,
        consequence: 'replication/publication-incomplete',
        severity: 'warning',
        message: `no subscription carries the new database ${database}: ${subscribers.join(', ')} will never have it`,
        remedy: `Where ${subscribers.join(', ')} need it: create it there too, with a publication and a subscription of its own.`,
        about: [],
        statement,
      }
    const extension = text(child(statement.tree, 'CreateExtensionStmt'), 'extname')
    // A subscription does not carry it; where a subscriber needs it, the change makes it there.
    const needing = [primary, ...(standbys ?? [])]
    const lacking =
      extension === null
        ? []
        : [...extensions].filter(([name, names]) => needing.includes(name) && !names.has(extension))
    if (extension !== null && lacking.length > 0) {
      const nodes = lacking.map(([name]) => name).filter((name) => name !== primary)
      const first = nodes[0] ?? primary
      yield {
        object: subject.extension(first, extension),
        nodes: nodes.length > 0 ? nodes : [primary],
        consequence: 'application/error',
        message: `extension ${extension} is not installed on ${lacking.map(([name]) => name).join(', ')}: a standby replays it and fails at its first use, at the latest when it takes over`,
        remedy: `Install its package on ${lacking.map(([name]) => name).join(', ')} first.`,
        about: [],
        statement,
      }
    }
  }
}

function* unloggedTables({ before, after, primary }: Rehearsal): Iterable<GateFindingDraft> {
  const standbys = followersOf(after, 'standby').map(({ name }) => name)
  const [was, is] = [describedOf(before, primary), describedOf(after, primary)]
  if (standbys.length === 0 || !was || !is) return
  for (const { schema, name, unlogged } of is.tables) {
    const old = was.tables.find((table) => table.schema === schema && table.name === name)
    if (!unlogged || old?.unlogged) continue
    yield {
      object: subject.table(standbys[0] ?? primary, schema, name),
      nodes: standbys,
      consequence: 'replication/publication-incomplete',
      severity: 'warning',
      message: `${schema}.${name} is unlogged: it cannot be read on ${standbys.join(', ')}, no subscription carries it, and it is empty after a crash or a take-over`,
      remedy: `Make it a logged table, unless its rows may be lost: alter table ${schema}.${name} set logged;`,
      about: [`${schema}.${name}`],
    }
  }
}

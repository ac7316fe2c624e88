import type { ContractNote } from '../../contracts/examine/note.ts'
import type { ReplicationResult } from '../../contracts/examine/replication.ts'
import type { TestedContract } from '../../contracts/test-contract.ts'
import { duration } from '../../report/duration.ts'
import { table } from '../../report/table.ts'
import { wrap } from '../../report/wrap.ts'
import type { CommandContext } from '../command.ts'

type Printing = Pick<CommandContext, 'out' | 'style' | 'width'>

/** Every connection with its layer, then the logins of replication, what to do, and what was seen beside the answers. */
export function printContracts(
  results: readonly TestedContract[],
  replication: readonly ReplicationResult[],
  printing: Printing,
): void {
  const { out, style, width } = printing
  const rows = results.map(({ fact }) => [
    fact.ok ? style.good('ok') : style.bad('FAILS'),
    `${fact.contract}:${fact.instance}`,
    `→ ${fact.node}`,
    duration(fact.ms),
    fact.ok
      ? style.faint(`as ${fact.role}, from ${fact.from}`)
      : `${style.strong(fact.layer ?? 'settings')}: ${fact.message ?? ''}`,
  ])
  const logins = replication.map((login) => [
    login.ok === null ? style.faint('?') : login.ok ? style.good('ok') : style.bad('FAILS'),
    login.kind === null ? 'replication' : `replication:${login.name ?? login.kind}`,
    `→ ${login.node}`,
    '',
    `${fromWhere(login)}${login.message}`,
  ])
  for (const line of table([...rows, ...logins], { align: ['left', 'left', 'left', 'right'], width })) out.line(line)
  printRemedies(results, replication, printing)
  printNotes(results, printing)
}

/** `from 127.0.0.1:5432 as replicator, slot standby_slot: `, as far as it is known. */
function fromWhere({ host, port, user, slot }: ReplicationResult): string {
  const place = host === null ? '' : `from ${host}${port === null ? '' : `:${port}`}`
  const parts = [`${place}${user === null ? '' : ` as ${user}`}`.trim(), slot === null ? '' : `slot ${slot}`]
  const said = parts.filter((part) => part !== '').join(', ')
  return said === '' ? '' : `${said}: `
}

function printRemedies(
  results: readonly TestedContract[],
  replication: readonly ReplicationResult[],
  { out, style, width }: Printing,
): void {
  const known = [
    ...results.map(({ fact, remedy }) => ({ what: `${fact.instance} → ${fact.node}`, remedy })),
    ...replication.map(({ node, name, remedy }) => ({ what: name === null ? node : `${name} on ${node}`, remedy })),
  ]
  const remedies = Map.groupBy(
    known.filter(({ remedy }) => remedy !== null),
    ({ remedy }) => remedy,
  )
  if (remedies.size > 0) out.line()
  for (const [remedy, group] of remedies) {
    const routes = group.map(({ what }) => what)
    for (const line of wrap(`${style.strong(`${routes.join(', ')}:`)} ${remedy}`, width, '  ')) out.line(line)
  }
}

/** What was seen beside the answers; the same of several connections once. */
function printNotes(results: readonly TestedContract[], { out, style, width }: Printing): void {
  const all = results.flatMap(({ fact, notes }) =>
    // What fails a contract stands above.
    notes.flatMap((note) =>
      note.message === fact.message ? [] : [{ note, route: `${fact.instance} → ${fact.node}` }],
    ),
  )
  const rank: Readonly<Record<ContractNote['severity'], number>> = { error: 0, warning: 1, info: 2 }
  // How long it took is each connection's own.
  const keyOf = ({ severity, message }: ContractNote): string => `${severity} ${message.replace(/ in \d+ ms$/, '')}`
  const groups = [...Map.groupBy(all, ({ note }) => keyOf(note)).values()].toSorted(
    ([a], [b]) => rank[a?.note.severity ?? 'info'] - rank[b?.note.severity ?? 'info'],
  )
  if (groups.length > 0) out.line()
  for (const group of groups) {
    const [first] = group
    if (!first) continue
    const { severity, about, remedy } = first.note
    const routes = new Set(group.map(({ route }) => route))
    const who = routes.size === results.length && results.length > 1 ? 'all' : [...routes].join(', ')
    const words = `${who}: ${about}: ${messageOf(group.map(({ note }) => note.message))}${remedy === null ? '' : ` — ${remedy}`}`
    const text = severity === 'info' ? style.faint(words) : `${style.strong(severity)} ${words}`
    for (const line of wrap(text, width, '  ')) out.line(line)
  }
}

/** Of messages that differ in their time only, with the longest. */
function messageOf(messages: readonly string[]): string {
  const [first = ''] = messages
  const times = messages.flatMap((message) => Number(/ in (\d+) ms$/.exec(message)?.[1] ?? []))
  return times.length > 1 ? first.replace(/ in \d+ ms$/, ` in ${Math.max(...times)} ms at most`) : first
}

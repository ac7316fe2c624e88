import type { Finding } from '../../core/finding.ts'
import { size } from '../../report/size.ts'
import { duration } from '../../report/duration.ts'
import type { Style } from '../../report/style.ts'
import { padTo, widthOf } from '../../report/width.ts'
import { wrap } from '../../report/wrap.ts'
import { neededUrl } from '../check/needed-url.ts'
import type { ClusterStatus } from './status.ts'
import type { TopologyNode } from './topology.ts'

/** A cluster as a tree: who follows whom, how far behind, who could take over, and what is wrong in a word. */
export function statusText(status: ClusterStatus, atMs: number, style: Style, width: number): readonly string[] {
  const { name, nodes, unnamed, readers } = status
  const branches = nodes.map((node) => ({ node, ...branchOf(node, nodes) }))
  const column = Math.max(...branches.map(({ head, node }) => widthOf(head) + widthOf(node.name))) + 2
  const roles = Math.max(...nodes.map(({ role }) => widthOf(role ?? 'not seen'))) + 2
  return [
    `${style.strong(`cluster ${name}`)}  ${wordOf(status, style)}`,
    '',
    ...branches.flatMap(({ node, head, below }) => {
      const role = node.role === null ? style.bad(padTo('not seen', roles)) : padTo(node.role, roles)
      const first = padTo(`${style.faint(head)}${style.strong(node.name)}`, column) + role
      const [link = '', ...more] = wrapped(linkWords(node), width - column - roles)
      const rest = [takeoverWords(node, style), wrongWords(node.findings, style)].flatMap((words) =>
        wrapped(words, width - column),
      )
      const under = style.faint(padTo(below, column))
      return [
        `${first}${link}`,
        ...more.map((line) => `${under}${' '.repeat(roles)}${line}`),
        ...rest.map((line) => `${under}${line}`),
      ].map((line) => line.trimEnd())
    }),
    ...rowsWords(status, atMs, style).flatMap((words) => ['', ...wrap(words, width, '      ')]),
    ...unnamed.flatMap((server, n) => [
      ...(n === 0 ? [''] : []),
      ...wrap(
        `${style.warning('no url')}  ${server.by} tells of a ${server.role}: ${server.name}, ${neededUrl(server, readers)}`,
        width,
        '        ',
      ),
    ]),
  ]
}

/** Lag says how much of the WAL has come, and nothing of whether the rows are the same. */
function rowsWords({ rows: { known, why } }: ClusterStatus, atMs: number, style: Style): readonly string[] {
  if (why !== null) return [`rows  ${style.warning(why)}`]
  if (known === null || known.tables === 0) return []
  const { tables, verified, differing, oldestMs } = known
  const parts = [
    `${verified} of ${tables} tables are known to be the same`,
    ...(differing > 0 ? [style.bad(`${differing} ${differing === 1 ? 'differs' : 'differ'}`)] : []),
    ...(oldestMs === null ? [] : [`the oldest look ${duration(Math.max(0, atMs - oldestMs))} ago`]),
  ]
  return [`rows  ${parts.join(', ')}${verified < tables ? ': antemortem verify' : ''}`]
}

const wrapped = (text: string, width: number): readonly string[] => (text === '' ? [] : wrap(text, width))

function wordOf({ findings, nodes, cause }: ClusterStatus, style: Style): string {
  if (cause) return style.bad(`${cause.verdict}: ${cause.id} on ${cause.subject}`)
  const grave = findings.filter(({ severity }) => severity === 'critical' || severity === 'error')
  const gone = nodes.filter(({ role }) => role === null)
  if (gone.length > 0) return style.bad(`${gone.map(({ name }) => name).join(', ')} not seen`)
  if (grave.length > 0) return style.bad(`${grave.length} ${grave.length === 1 ? 'error' : 'errors'}`)
  const rest = findings.filter(({ severity }) => severity === 'warning').length
  return rest > 0 ? style.warning(`${rest} ${rest === 1 ? 'warning' : 'warnings'}`) : style.good('nothing is wrong')
}

/** What stands before a name, and what before the lines below it. */
function branchOf(
  node: TopologyNode,
  nodes: readonly TopologyNode[],
): { readonly head: string; readonly below: string } {
  const parent = nodes.find(({ name }) => name === node.upstream && name !== node.name)
  const hasOwn = nodes.some(({ upstream }) => upstream === node.name)
  if (!parent || nodes.indexOf(parent) > nodes.indexOf(node)) return { head: '', below: hasOwn ? '│' : '' }
  const siblings = nodes.filter(({ upstream }) => upstream === parent.name)
  const isLast = siblings.at(-1) === node
  const before = stemOf(parent, nodes)
  return {
    head: `${before}${isLast ? '└─ ' : '├─ '}`,
    below: `${before}${isLast ? '   ' : '│  '}${hasOwn ? '│' : ''}`,
  }
}

/** What goes on beside the branches of a node: the trunk of whoever has more to come. */
function stemOf(node: TopologyNode, nodes: readonly TopologyNode[]): string {
  const parent = nodes.find(({ name }) => name === node.upstream && name !== node.name)
  if (!parent || nodes.indexOf(parent) > nodes.indexOf(node)) return ''
  const isLast = nodes.filter(({ upstream }) => upstream === parent.name).at(-1) === node
  return `${stemOf(parent, nodes)}${isLast ? '   ' : '│  '}`
}

function linkWords({ version, link, unseen, role, upstream }: TopologyNode): string {
  if (unseen !== null) return unseen
  if (!link) return `${version ?? ''}${role === 'primary' ? '  takes writes' : ''}`
  const lag =
    link.lagBytes === null ? [upstream === null ? 'its upstream is not named' : 'lag not seen'] : [lagWords(link)]
  const slot = link.slot === null ? ['without a slot'] : [`slot ${link.slot}`]
  return `${version ?? ''}  ${[link.state, ...lag, ...slot].join(', ')}`
}

const lagWords = ({ lagBytes, lagMs }: { readonly lagBytes: number | null; readonly lagMs: number | null }): string =>
  `${size(lagBytes ?? 0)} behind${lagMs !== null && lagMs > 0 ? ` for ${duration(lagMs)}` : ''}`

function takeoverWords({ obstacles }: TopologyNode, style: Style): string {
  if (obstacles === null) return ''
  return obstacles.length === 0 ? style.good('could take over') : `cannot take over: ${obstacles.join('; ')}`
}

/** The gravest by name; the others by their number. */
function wrongWords(findings: readonly Finding[], style: Style): string {
  const [first, ...more] = findings.filter(({ severity }) => severity !== 'info')
  if (!first) return ''
  const paint = first.severity === 'warning' ? style.warning : style.bad
  return `${paint(first.severity)}: ${first.check}${more.length > 0 ? style.faint(` and ${more.length} more`) : ''}`
}

import type { GateFinding } from '../../core/gate.ts'
import type { Snapshot } from '../../core/snapshot.ts'

/** Rules of a rehearsal whose remedy is another file of SQL: a wrapped command has none. */
const ofFiles = new Set(['replication/apply-stops', 'replication/schema-parity', 'replication/table-not-carried'])

/** The same finding with orders for somebody who runs a command, and has run it in a copy alone, or in production. Pure. */
export function forCommand(
  finding: GateFinding,
  { nodes }: Pick<Snapshot, 'nodes'>,
  where: 'copy' | 'production',
): GateFinding {
  if (finding.rule === 'server/setting-harms' || finding.rule === 'server/address-moves') return setBack(finding, where)
  if (!ofFiles.has(finding.rule)) return finding
  const { rule, object } = finding
  const [node = ''] = finding.nodes
  if (rule !== 'replication/table-not-carried')
    return {
      ...finding,
      remedy:
        where === 'copy'
          ? `Give ${node} the same definitions first, then run the command again.`
          : `Give ${node} the same definitions now: its subscription goes on by itself then, and nothing is lost. Next time ${node} first.`,
    }
  const [, primary, publication, table] = /^([^:]+):publication (.+):([^:]+)$/.exec(object) ?? []
  const subscriptions = nodes.find(({ name }) => name === node)?.facts.subscriptions
  const subscription = subscriptions?.seen
    ? subscriptions.value.find(({ publications }) => publications.includes(publication ?? ''))?.name
    : undefined
  return {
    ...finding,
    remedy: `In this order: make ${table ?? 'the table'} on ${node}; on ${primary ?? 'the primary'}: alter publication ${publication ?? ''} add table ${table ?? ''}; then on ${node}: alter subscription ${subscription ?? 'SUBSCRIPTION'} refresh publication;`,
  }
}

/** What has been written stands in a file of the server, and counts at the latest after its next start. */
function setBack(finding: GateFinding, where: 'copy' | 'production'): GateFinding {
  const [node = ''] = finding.nodes
  const name = finding.object.slice(node.length + 1)
  if (where === 'copy')
    return {
      ...finding,
      remedy: `Production has nothing of it: tell the updater to leave ${name} alone, then run it again.`,
    }
  return {
    ...finding,
    remedy: `On ${node}: alter system reset ${name}; select pg_reload_conf(); and take the line out of postgresql.conf where it stands there. Then tell the updater to leave it alone.`,
  }
}

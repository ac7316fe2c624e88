import { sqlName } from '../core/sql-text.ts'
import { subject } from '../core/subject.ts'
import { words, type Damage, type Mend } from './damage.ts'
import type { Looks, PeerLook } from './looks.ts'

/** Rows that a table and its physical copy do not have alike. Pages may be whole and checksums right all the same. */
export const judgePeers = (looks: Looks): readonly Damage[] => looks.peers.flatMap((peer) => differing(looks, peer))

/** Something is known to be wrong with the pages of that table there: then it is the one that has lost rows. */
const hasDamage = ({ nodes }: Looks, node: string, { schema, table }: PeerLook): boolean =>
  nodes.some(
    (look) =>
      look.node === node &&
      look.tables.some(
        (t) =>
          t.schema === schema &&
          t.table === table &&
          (t.unreadable.length + t.zero.length + t.problems.length > 0 || t.blocks < t.pages),
      ),
  )

function differing(looks: Looks, peer: PeerLook): readonly Damage[] {
  const { schema, table, primary, standby, counts, corrupt } = peer
  const { onlyPrimary, onlyStandby, otherwise } = counts
  if (onlyPrimary + onlyStandby + otherwise === 0) return corrupt === null ? [] : unread(looks, peer, corrupt)
  const isPrimaryDamaged = hasDamage(looks, primary, peer) || (onlyStandby > 0 && onlyPrimary === 0)
  const isStandbyDamaged = hasDamage(looks, standby, peer) || (onlyPrimary > 0 && onlyStandby === 0)
  const lostOn =
    isPrimaryDamaged && !isStandbyDamaged ? primary : isStandbyDamaged && !isPrimaryDamaged ? standby : null
  const node = lostOn ?? standby
  const { mend, remedy } = wayBack(peer, lostOn)
  const atLeast = peer.more ? 'at least ' : ''
  const parts = [
    ...(onlyStandby > 0
      ? [
          `${atLeast}${onlyStandby} rows are lost on ${primary}, and ${standby} still has them (${peer.onlyStandby.join('; ')})`,
        ]
      : []),
    ...(onlyPrimary > 0
      ? [
          `${atLeast}${onlyPrimary} rows are lost on ${standby}, and ${primary} still has them (${peer.onlyPrimary.join('; ')})`,
        ]
      : []),
    ...(otherwise > 0 ? [`${atLeast}${otherwise} rows are another on each (${peer.otherwise.join('; ')})`] : []),
  ]
  return [
    {
      check: 'replication/row-consistency',
      subject: subject.table(node, schema, table),
      node,
      severity: 'critical',
      message: `${schema}.${table} is not the same on ${primary} and its physical copy ${standby}: ${parts.join('; ')}. Neither checksums nor amcheck need to know of it: a lost write, a page of zeros, a file cut off`,
      evidence: {
        primary,
        standby,
        only_on_primary: onlyPrimary,
        only_on_standby: onlyStandby,
        otherwise,
        more: peer.more,
        first_key: [...peer.onlyStandby, ...peer.onlyPrimary, ...peer.otherwise][0] ?? null,
      },
      remedy,
      mend,
    },
  ]
}

function wayBack(
  { schema, table, primary, standby }: PeerLook,
  lostOn: string | null,
): { readonly mend: Mend; readonly remedy: string } {
  const name = `${schema}.${table}`
  if (lostOn === primary)
    return {
      mend: { kind: 'rebuild', schema, table, donor: standby },
      remedy: `Make ${name} anew from ${standby}: antemortem integrity --repair plan`,
    }
  if (lostOn === standby)
    return {
      mend: words,
      remedy: `Take ${standby} out of reading, and clone it anew from ${primary} (pg_basebackup). A physical standby is never written.`,
    }
  return {
    mend: { kind: 'rebuild', schema, table, donor: standby },
    remedy: `Which node is right, rows do not say: look at them (antemortem verify --table ${name}). If ${primary} is: clone ${standby} anew. If ${standby} is: antemortem integrity --repair plan --from ${standby}`,
  }
}

/** The comparison met a page that cannot be read, and the look at the pages did not: an index, or a TOAST table. */
function unread(looks: Looks, peer: PeerLook, corrupt: string): readonly Damage[] {
  const { schema, table, primary, standby } = peer
  const node = corrupt.startsWith(`${standby}:`) ? standby : primary
  if (hasDamage(looks, node, peer)) return []
  const isPrimary = node === primary
  return [
    {
      check: 'integrity/unreadable-blocks',
      subject: subject.table(node, schema, table),
      node,
      severity: 'critical',
      message: `rows of ${schema}.${table} cannot be read on ${node}, although its pages can: ${corrupt}. Its index or its large values are damaged, or its file is cut off`,
      evidence: { message: corrupt },
      remedy: isPrimary
        ? `If an index of it is found damaged, build that anew; if not, make the table anew from ${standby}: antemortem integrity --repair plan`
        : `Take ${standby} out of reading, and clone it anew from ${primary} (pg_basebackup).`,
      mend: isPrimary ? { kind: 'rebuild', schema, table, donor: standby } : words,
    },
  ]
}

/** Its file is of another moment: values that were given away would be given a second time. */
export const judgeSequences = ({ primary, sequences }: Looks): readonly Damage[] =>
  sequences.map(({ schema, name, standby, here, there }) => ({
    check: 'integrity/sequence-set-back',
    subject: subject.table(primary ?? '', schema, name),
    node: primary ?? '',
    severity: 'critical',
    message: `sequence ${schema}.${name} on ${primary ?? 'the primary'} stands at ${here ?? 'its start'}, and its physical copy ${standby} has been told of ${there}: values that were given away would be given a second time, and inserts refused`,
    evidence: { last_value: here, last_value_there: there, standby },
    remedy: `On ${primary ?? 'the primary'}: select setval('${sqlName(schema)}.${sqlName(name)}', ${there}); then look whether rows were lost as well (antemortem verify).`,
    mend: words,
  }))

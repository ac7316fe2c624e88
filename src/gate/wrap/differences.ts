import { diff } from '../../changes/diff.ts'
import { fingerprintOf } from '../../changes/fingerprint.ts'
import { hostChanges } from '../../changes/host.ts'
import type { Change } from '../../core/change.ts'
import type { NodeView, Snapshot } from '../../core/snapshot.ts'
import { subject } from '../../core/subject.ts'
import type { Moment, TableContents } from './moment.ts'

/** Everything that is otherwise after the command than before it, in databases and configuration files. Pure. */
export function differencesBetween(before: Moment, after: Moment): readonly Change[] {
  const described = after.snapshot.nodes.flatMap((node) => {
    const old = before.snapshot.nodes.find(({ name }) => name === node.name)
    return old ? [...diff(fingerprintOf(old), fingerprintOf(node))] : []
  })
  const known = new Set(described.map(({ object }) => object))
  const waiting = waitingSettings(before.snapshot, after.snapshot).filter(({ object }) => !known.has(object))
  return [...described, ...waiting, ...contentsChanges(before, after, known)]
}

/** Settings that stand in the files and are not in force: by the servers' own views, else by the files of their hosts. */
function waitingSettings(before: Snapshot, after: Snapshot): readonly Change[] {
  const byView = after.nodes.flatMap((node) => {
    const old = before.nodes.find(({ name }) => name === node.name)
    return old ? fileSettingChanges(old, node) : []
  })
  const known = new Set(byView.map(({ object }) => object))
  return [...byView, ...ofHosts(before, after).filter(({ object }) => !known.has(object))]
}

function ofHosts({ facts: { hosts: before } }: Snapshot, { facts: { hosts: after } }: Snapshot): readonly Change[] {
  if (!before.seen || !after.seen) return []
  return after.value.hosts.flatMap((host) => {
    const old = before.value.hosts.find(({ node }) => node === host.node)
    return old ? hostChanges(old, host) : []
  })
}

function fileSettingChanges(before: NodeView, after: NodeView): readonly Change[] {
  const [old, now] = [before.facts.fileSettings, after.facts.fileSettings]
  if (!old.seen || !now.seen) return []
  const [was, is] = [lastOf(old.value), lastOf(now.value)]
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((name): readonly Change[] => {
    if (was.get(name) === is.get(name)) return []
    const object = subject.setting(after.name, name)
    return [
      {
        id: `chg-${now.atMs}-file-${object}`,
        atMs: now.atMs,
        notBeforeMs: Math.min(old.atMs, now.atMs),
        kind: 'setting',
        object,
        before: was.get(name) ?? null,
        after: is.get(name) ?? null,
        source: 'file',
      },
    ]
  })
}

/** Of a setting that stands there more than once the last counts. */
const lastOf = (
  lines: readonly { readonly name: string | null; readonly value: string | null }[],
): ReadonlyMap<string, string> =>
  new Map(lines.flatMap(({ name, value }) => (name === null ? [] : [[name, value ?? '']])))

/** Rows that came, went, or are others: by whomever, while the command ran. A table that came or went is told as such. */
function contentsChanges(before: Moment, after: Moment, redefined: ReadonlySet<string>): readonly Change[] {
  const old = new Map(before.contents.map((one) => [keyOf(one), one]))
  return after.contents.flatMap((one): readonly Change[] => {
    const was = old.get(keyOf(one))?.contents
    const is = one.contents
    const object = subject.table(one.node, one.schema, one.table)
    if (!was || !is || was.hash === is.hash) return []
    // With another column every row is printed otherwise: then only their number says something.
    if (redefined.has(object) && was.rows === is.rows) return []
    const other = was.rows === is.rows ? `${is.rows} rows, not the same` : `${is.rows} rows`
    return [
      {
        id: `chg-${after.snapshot.atMs}-rows-${object}`,
        atMs: after.snapshot.atMs,
        notBeforeMs: before.snapshot.atMs,
        kind: 'data',
        object,
        before: `${was.rows} rows`,
        after: other,
        source: 'gate',
      },
    ]
  })
}

export const keyOf = ({ node, schema, table }: Pick<TableContents, 'node' | 'schema' | 'table'>): string =>
  JSON.stringify([node, schema, table])

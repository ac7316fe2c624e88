import type { Change, ChangeKind } from '../../../../core/change.ts'
import type { Severity } from '../../../../core/severity.ts'
import { defineWrapRule } from '../../wrapped.ts'

/** An update of an application has no business with these; tables and rows are what it is for, unless somebody listed which. */
const always: ReadonlySet<ChangeKind> = new Set(['setting', 'role', 'access', 'connection', 'topology', 'software'])

const consequences: Readonly<Partial<Record<ChangeKind, string>>> = {
  schema: 'replication/schema-drift',
  setting: 'connection/role-settings',
  role: 'connection/credentials',
  access: 'connection/access-rules',
  connection: 'connection/settings-changed',
  topology: 'replication/publication-incomplete',
  data: 'integrity/data-deleted',
}

/** What the command changed, and nobody said that it would. */
export default defineWrapRule({
  id: 'change/undeclared',
  consequence: 'application/error',
  severity: 'warning',
  question: 'Did the command change only what was declared?',
  *run({ undeclared, allowed }) {
    const listed = new Set(allowed.flatMap(({ kinds }) => kinds))
    const severityOf = ({ kind }: Change): Severity => (always.has(kind) || listed.has(kind) ? 'warning' : 'info')
    for (const change of undeclared) {
      if (severityOf(change) === 'info') continue
      const node = /^([^:/]+):/.exec(change.object)?.[1]
      yield {
        object: change.object,
        nodes: node === undefined ? [] : [node],
        severity: severityOf(change),
        consequence: consequences[change.kind] ?? 'application/error',
        message: `the command changed ${change.object}, which was not declared: ${change.before ?? 'nothing'} → ${change.after ?? 'nothing'}`,
        remedy: `If it was meant, declare it: --allow ${declarationOf(change)}. If not, set it back.`,
      }
    }
  },
})

const kinds: Readonly<Record<ChangeKind, string>> = {
  schema: 'schema',
  setting: 'settings',
  role: 'roles',
  access: 'access',
  connection: 'files',
  deployment: 'files',
  software: 'software',
  topology: 'topology',
  data: 'data',
}

/** As `--allow` takes it. */
const declarationOf = ({ kind, object, source }: Change): string => {
  const bare = source === 'file' && object.includes('/') ? object : object.slice(object.indexOf(':') + 1)
  return /[\s,]/.test(bare) ? `'${kinds[kind]}:${bare}'` : `${kinds[kind]}:${bare}`
}

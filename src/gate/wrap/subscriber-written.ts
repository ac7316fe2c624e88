import type { Change } from '../../core/change.ts'
import { subject } from '../../core/subject.ts'
import type { Writers } from '../../engines/postgres/contents/writers.ts'
import type { TableContents } from './moment.ts'
import type { WrapDraft } from './wrapped.ts'

export interface SubscriberWritten {
  readonly at: Pick<TableContents, 'node' | 'schema' | 'table'>
  readonly change: Change
  readonly primary: string
  /** Of its node. */
  readonly writers: readonly Writers[] | undefined
}

/** In words, with who may write there at all: a job that cannot does not come again. */
export function subscriberWritten({
  at: { node, schema, table },
  change,
  primary,
  writers = [],
}: SubscriberWritten): Pick<WrapDraft, 'object' | 'nodes' | 'message'> & { readonly rights: string } {
  const roles = writers.find((one) => one.schema === schema && one.table === table)?.roles ?? []
  return {
    object: subject.table(node, schema, table),
    nodes: [node],
    message: `${schema}.${table} was written on ${node} (${change.before ?? ''}, now ${change.after ?? ''}), where a subscription fills it; ${primary} has other rows.${roles.length > 0 ? ` Who may write it there: ${roles.join(', ')}.` : ''} A key that ${primary} sends later stops the subscription, and what is missing there is skipped in silence`,
    rights: `let nobody write there: on ${node}: ${roles.length > 0 ? `revoke insert, update, delete, truncate on ${schema}.${table} from ${roles.join(', ')};` : 'give the job a login that is no superuser and owns no table.'}`,
  }
}

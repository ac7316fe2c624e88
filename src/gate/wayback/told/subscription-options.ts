import { literal } from '../../../engines/postgres/rows/sql.ts'
import { child, list, text, type TreeNode } from '../../change/tree.ts'

const onOff = (column: string): string => `case when ${column} then 'true' else 'false' end`

/** By the name of an option: how it was. Its connection string is never read. */
const options: Readonly<Record<string, string>> = {
  slot_name: `coalesce(quote_literal(subslotname), 'none')`,
  synchronous_commit: 'quote_literal(subsynccommit)',
  binary: onOff('subbinary'),
  streaming: `case substream::text when 'p' then 'parallel' when 't' then 'on' when 'true' then 'on' else 'off' end`,
  disable_on_error: onOff('subdisableonerr'),
  password_required: onOff('subpasswordrequired'),
  run_as_owner: onOff('subrunasowner'),
  origin: 'quote_literal(suborigin)',
  failover: onOff('subfailover'),
}

/** Options and publications of a subscription, as they were; which rows were not received meanwhile is another matter. */
export function subscriptionBefore(statement: TreeNode): string | null {
  const from = `from pg_subscription where subname = ${literal(text(statement, 'subname') ?? '')}
    and subdbid = (select oid from pg_database where datname = current_database())`
  switch (text(statement, 'kind')) {
    case 'ALTER_SUBSCRIPTION_OPTIONS': {
      const set = list(statement, 'options').map((option) => text(child(option, 'DefElem'), 'defname') ?? '')
      const were = set.map((name) => (options[name] === undefined ? null : `'${name} = ' || ${options[name]}`))
      if (were.length === 0 || were.includes(null)) return null
      return `select format('alter subscription %I set (%s)', subname, concat_ws(', ', ${were.join(', ')})) as words ${from}`
    }
    case 'ALTER_SUBSCRIPTION_SET_PUBLICATION':
    case 'ALTER_SUBSCRIPTION_ADD_PUBLICATION':
    case 'ALTER_SUBSCRIPTION_DROP_PUBLICATION':
      return `select format('alter subscription %I set publication %s', subname,
        (select string_agg(quote_ident(p), ', ' order by p) from unnest(subpublications) p)) as words ${from}`
    default:
      return null
  }
}

/**
 * A database URL as applications write it, in the form that libpq knows: other people's drivers add a scheme of their own, and
 * a few of their parameters decide how the connection is made. Null for another database's URL.
 */
export function libpqUrl(text: string): string | null {
  const url = text
    .trim()
    .replace(/^jdbc:/i, '')
    .replace(/^(postgres(?:ql)?)\+\w+:/i, '$1:')
  if (!/^postgres(?:ql)?:\/\//i.test(url)) return null
  const mark = url.indexOf('?')
  if (mark < 0) return url
  const query = new URLSearchParams(url.slice(mark + 1))
  // Prisma and JDBC name the schema; libpq has it among the options of the session.
  const schema = query.get('schema') ?? query.get('currentSchema')
  if (schema && !query.has('options')) query.set('options', `-c search_path=${schema}`)
  // node-postgres and JDBC say `ssl=true`; node-postgres has a mode of its own that looks at no certificate.
  if (!query.has('sslmode') && /^(?:true|1)$/i.test(query.get('ssl') ?? '')) query.set('sslmode', 'require')
  if (query.get('sslmode') === 'no-verify') query.set('sslmode', 'require')
  const target = targets[query.get('targetServerType') ?? '']
  if (target !== undefined && !query.has('target_session_attrs')) query.set('target_session_attrs', target)
  return `${url.slice(0, mark)}?${query.toString().replaceAll('+', '%20')}`
}

/** JDBC's words for which of several hosts is wanted. `preferPrimary` has none in libpq: the order of the hosts decides. */
const targets: Readonly<Record<string, string>> = {
  primary: 'read-write',
  master: 'read-write',
  secondary: 'read-only',
  slave: 'read-only',
  preferSecondary: 'prefer-standby',
  preferSlave: 'prefer-standby',
}

/** Seconds, as libpq and most others mean it. */
export function connectTimeoutMs(url: string): number | null {
  const mark = url.indexOf('?')
  const seconds = mark < 0 ? null : new URLSearchParams(url.slice(mark + 1)).get('connect_timeout')
  return seconds !== null && /^\d{1,4}$/.test(seconds) && Number(seconds) > 0 ? Number(seconds) * 1_000 : null
}

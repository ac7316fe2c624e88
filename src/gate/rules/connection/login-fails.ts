import { subject } from '../../../core/subject.ts'
import type { LoginTry } from '../../logins.ts'
import { pairsOf } from '../../logins.ts'
import { defineRule } from '../../rule.ts'
import { sessionDefault } from '../../session-defaults.ts'
import type { Rehearsal } from '../../rehearsal.ts'

/** By the layer that fails: what a new connection of the application would meet. */
const consequences: Readonly<Record<string, string>> = {
  access: 'connection/access-rules',
  auth: 'connection/credentials',
  database: 'connection/credentials',
  tls: 'connection/tls',
  capacity: 'connection/exhausted',
  role: 'connection/role-settings',
  query: 'application/error',
}

/** Sessions that are open already go on for hours: every contract connects anew, as it will after its pool's next turn. */
export default defineRule({
  id: 'connection/login-fails',
  consequence: 'connection/credentials',
  severity: 'critical',
  question: 'Does every contract still get in with a new connection, and does its canary answer?',
  *run(rehearsal) {
    const seen = new Set<string>()
    const down = new Set(rehearsal.starts.flatMap(({ node, failure }) => (failure === null ? [] : [node])))
    for (const { is } of pairsOf(rehearsal.logins)) {
      if (is.failure === null || down.has(is.node)) continue
      const { contract, node, role, failure } = is
      // Every instance of a contract fails in the same way.
      const key = JSON.stringify([contract, node, role, failure.code, failure.message])
      if (seen.has(key)) continue
      seen.add(key)
      const { object, consequence } = blame(is, rehearsal)
      const code = failure.code === null ? '' : ` (${failure.code})`
      yield {
        object,
        nodes: [node],
        consequence,
        message: `after the change a new connection of contract ${contract} as ${role} fails on ${node}${code}: ${failure.message}`,
        remedy: `Leave out what takes it away, or change the application first. ${failure.remedy}`.trim(),
        about: object.startsWith(`${node}:`) && object.includes('.') ? [object.slice(node.length + 1)] : [],
      }
    }
  },
})

/** What of the change is to blame, by what the server says and by what is otherwise than before. */
function blame(
  login: LoginTry,
  { before, after }: Rehearsal,
): { readonly object: string; readonly consequence: string } {
  const { node, role, database, failure } = login
  const { code = null, message = '', layer = null } = failure ?? {}
  const consequence = consequences[layer ?? ''] ?? 'connection/credentials'
  const table = /permission denied for (?:table|view|materialized view) "?([^"\s]+)"?/.exec(message)?.[1]
  if (table !== undefined) return { object: subject.table(node, 'public', table), consequence: 'application/error' }
  const changed = ['search_path', 'statement_timeout', 'default_transaction_read_only', 'transaction_timeout']
    .map((name) => [sessionDefault(before, login, name), sessionDefault(after, login, name)] as const)
    .find(([was, is]) => is !== null && was?.value !== is.value)?.[1]
  if (/^(?:42P01|57014|25006|57P05|25P0[34]|3F000)$/.test(code ?? '') && changed)
    return { object: changed.object, consequence: 'connection/role-settings' }
  if (layer === 'database' || /for database/.test(message))
    return { object: subject.database(node, database), consequence: 'connection/credentials' }
  if (layer === 'capacity' && /role|rolle/.test(message))
    return { object: subject.role(node, role), consequence: 'connection/role-limit' }
  if (layer === 'auth' || layer === 'capacity') return { object: subject.role(node, role), consequence }
  const relation = /relation "([^"]+)"|column "?(?:[^"\s]+\.)?([^"\s]+)"? does not exist/.exec(message)
  return {
    object: relation?.[1] === undefined ? subject.node(node) : subject.table(node, 'public', relation[1]),
    consequence,
  }
}

import type { Login } from '../../logins.ts'
import { pairsOf } from '../../logins.ts'
import type { GateFindingDraft } from '../../rule.ts'
import { defineRule } from '../../rule.ts'
import type { SessionDefault } from '../../session-defaults.ts'
import { limitMs, sessionDefault } from '../../session-defaults.ts'

const limits = {
  idleMs: { default: 60_000, unit: 'ms', why: 'pools keep an idle session for a minute and more' },
} as const

const watched = [
  'default_transaction_read_only',
  'statement_timeout',
  'transaction_timeout',
  'idle_session_timeout',
  'idle_in_transaction_session_timeout',
  'search_path',
]

/** What a session begins with is decided when it begins: the sessions of a pool do not show it before they are made anew. */
export default defineRule({
  id: 'connection/session-defaults',
  consequence: 'connection/role-settings',
  severity: 'error',
  question: 'Do new sessions of the contracts begin with settings under which they can work?',
  *run({ logins, before, after }) {
    const told = new Set<string>()
    for (const { is: login } of pairsOf(logins))
      for (const name of watched) {
        const [was, is] = [sessionDefault(before, login, name), sessionDefault(after, login, name)]
        if (!is || was?.value === is.value || told.has(is.object)) continue
        const draft = judged(login, name, was, is)
        if (!draft) continue
        told.add(is.object)
        yield draft
      }
  },
})

function judged(login: Login, name: string, was: SessionDefault | null, is: SessionDefault): GateFindingDraft | null {
  const why = harmOf(login, name, was, is)
  if (why === null) return null
  return {
    object: is.object,
    nodes: [login.node],
    severity: name === 'search_path' ? 'warning' : 'error',
    message: `after the change new sessions of ${login.role} on ${login.node} begin with ${name} = ${is.value} (before: ${was?.value ?? 'not set'}): ${why}`,
    remedy: `Take ${name} out of the change, or set it for the sessions that it is meant for alone.`,
    about: [],
  }
}

function harmOf(login: Login, name: string, was: SessionDefault | null, is: SessionDefault): string | null {
  if (name === 'default_transaction_read_only')
    return is.value === 'on' && login.mustWrite ? `contract ${login.contract} writes` : null
  if (name === 'search_path') return 'names without a schema may mean other tables than before'
  const [limit, before] = [limitMs(is.value), limitMs(was?.value ?? '0')]
  if (limit === 0 || (before !== 0 && before <= limit)) return null
  if (name.startsWith('idle'))
    return limit < limits.idleMs.default ? 'the sessions of its pool end while they wait for work' : null
  return limit < login.withinMs ? `contract ${login.contract} waits ${login.withinMs} ms for an answer` : null
}

import { subject } from '../../../../core/subject.ts'
import type { ReviewInput, SettingChange } from '../../input.ts'
import { factOf } from '../../nodes.ts'
import { flag, quantity } from '../../quantity.ts'
import { defineReviewRule } from '../../rule.ts'

interface Harm {
  readonly words: string
  readonly isKnown: boolean
}

/** What new sessions begin with: pools hide it until they open the next one. */
export default defineReviewRule({
  id: 'configuration/session-default',
  consequence: 'connection/role-settings',
  severity: 'error',
  question: 'Can new sessions still write, find their tables, and finish their statements?',
  *run(input) {
    for (const change of input.settings)
      for (const node of change.nodes) {
        const harm = harmOf(input, node, change)
        if (harm === null) continue
        const { via, owner, name, value, at } = change
        const isOwned = via === 'role' || via === 'database'
        yield {
          object: isOwned
            ? subject.roleSetting(node, via === 'role' ? owner : null, via === 'database' ? owner : null, name)
            : subject.setting(node, name),
          nodes: [node],
          severity: harm.isKnown ? 'error' : 'warning',
          message: `${name} = ${value ?? ''} for ${via === 'role' ? `new sessions of ${owner ?? 'every role'}` : 'new sessions'} on ${node}: ${harm.words}; sessions of a pool go on until it opens the next one`,
          remedy: 'Set it in the session or the transaction that needs it.',
          at,
          basis: name === 'search_path' && harm.isKnown ? 'topology' : 'text',
        }
      }
  },
})

function harmOf(input: ReviewInput, node: string, { name, value, via }: SettingChange): Harm | null {
  if (value === null) return null
  if (name === 'default_transaction_read_only')
    return flag(value) === true ? { words: 'every write fails (25006)', isKnown: true } : null
  const ms = quantity(value, 'ms')
  if (name === 'statement_timeout' || name === 'transaction_timeout')
    return ms !== null && ms > 0 && ms < 1000
      ? { words: `every statement ends after ${value} (57014)`, isKnown: true }
      : null
  if (name === 'idle_session_timeout')
    return ms !== null && ms > 0 && ms < 60_000
      ? { words: `sessions that wait in a pool are ended after ${value} (57P05)`, isKnown: true }
      : null
  return name === 'search_path' && via !== 'file' ? ofPath(input, node, value) : null
}

/** Schemas are known by their tables. */
function ofPath(input: ReviewInput, node: string, value: string): Harm | null {
  const path = value.split(',').map((word) => word.trim().replaceAll(/['"]/g, ''))
  const tables = factOf(input, node, 'tables')
  if (tables === null)
    return path.includes('public') ? null : { words: `tables outside ${value} are not found (42P01)`, isKnown: false }
  const hidden = tables.filter(({ schema }) => schema === 'public' && !path.includes('public'))
  return hidden.length > 0
    ? { words: `${hidden.length} tables of public are not found without their schema (42P01)`, isKnown: true }
    : null
}

import type { Case, Cause, Evidence } from '../../../core/diagnosis.ts'
import type { NodeView } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { goodNode } from '../../last-good.ts'
import { contractsOf, factOf } from '../../look.ts'
import { newsOf } from '../../news.ts'
import { refusalsOn } from '../../refusals.ts'
import { logOf } from '../../server-log.ts'

const fits = (code: string): boolean => code === '28000'
const isRefused = ({ layer }: { readonly layer: string | null }): boolean => layer === 'access'

/**
 * The server's access rules let the application in no longer. Sessions that are open go on: only new ones are refused. A refused
 * replication login is another cause's.
 */
const cause: Cause = {
  id: 'connection/access-rules',
  taxonomy: 'connection-parameters-changed',
  title: "the server's access rules refuse the application",
  follows: ['connection/settings-changed'],
  *recognise(c) {
    for (const node of c.snapshot.nodes) {
      const { name } = node
      const objects = [subject.accessRules(name)]
      const news = newsOf(c, objects, () => true)
      const changed = changedRules(c, node)
      const refusals = refusalsOn(c, name, { isSuch: isRefused, fits, news })
      const lines = refusedLines(c, name)
      // The code alone is also that of a role that may not log in.
      const isRefusal = refusals.results.length > 0 || lines.length > 0
      if (changed.length === 0 && news.length === 0 && !isRefusal) continue
      const isKnown = changed.length > 0 || news.length > 0
      yield {
        subject: subject.accessRules(name),
        direct: isRefusal && isKnown && changed.length > 0 && !refusals.mayBeOwn ? [...changed, ...lines] : [],
        indirect: [...changed, ...lines, ...(isRefusal ? refusals.harm : [])],
        harm: isRefusal ? refusals.harm : [],
        isNew: c.lastGoodMs !== null && isKnown,
        explains: isRefusal
          ? [
              ...contractEffects(c, name, isRefused),
              ...outcomeEffects(c, name, fits),
              ...besides.flatMap((check) => findingsOf(c, check, name)),
            ]
          : [],
        objects,
        ...(!isKnown && { missing: `pg_hba.conf of ${name} as it was and as it is: pg_hba_file_rules needs a grant` }),
        remedy: {
          words: `Put back the line of pg_hba.conf on ${name} that let the application in, look that no line above it matches first, and reload.`,
          commands: [
            `on ${name}: select line_number, type, database, user_name, address, auth_method, error from pg_hba_file_rules order by line_number;`,
            `on ${name}: select pg_reload_conf();`,
          ],
        },
      }
    }
  },
}
export default cause

const besides = ['connections/auth', 'connections/hba-error', 'connections/hba-contract', 'connections/hba-not-live']

/** What the file says now, where it is not what it was. */
function changedRules(c: Case, node: NodeView): readonly Evidence[] {
  const rules = factOf(node, 'accessRules')
  const good = goodNode(c, node.name)?.accessRulesDigest
  if (!rules || good == null || good === rules.digest) return []
  const broken = rules.rules.filter(({ error }) => error !== null)
  const logins = [...new Set(contractsOf(c).flatMap(({ role }) => (role === null ? [] : [role])))]
  const named = rules.rules.filter(
    ({ error, roles, type }) =>
      error === null && type !== null && roles.some((role) => role === 'all' || logins.includes(role)),
  )
  return [
    {
      words: `pg_hba.conf on ${node.name} is not what it was when all was good: ${named.length} of its lines are for ${logins.join(', ') || 'the application'}, ${broken.length} are refused`,
      node: node.name,
      source: 'pg_hba_file_rules',
      values: {
        lines: rules.rules.length,
        for_application: named.length,
        methods: [...new Set(named.map(({ method }) => method ?? ''))].join(', '),
        errors: broken.map(({ line, error }) => `line ${line}: ${error ?? ''}`).join('; '),
      },
    },
  ]
}

/** Refusals in the server's own log, of logins that are no replication. */
const refusedLines = (c: Case, node: string): readonly Evidence[] =>
  logOf(c, node)
    .filter(
      ({ severity, message }) =>
        severity === 'FATAL' && /^(?:no pg_hba\.conf entry|pg_hba\.conf rejects connection)/.test(message),
    )
    .map(({ message, count, code }) => ({
      words: `the log of ${node}: ${message}, ${count} times`,
      node,
      source: 'server log',
      values: { code, count },
    }))

import { defineCheck } from '../../core/check.ts'
import { differs, goodOf, hiddenFromReader } from '../../core/known-good.ts'
import { sessionParameters } from '../../core/session-parameters.ts'
import { alterSystem } from '../../core/sql-text.ts'
import { subject } from '../../core/subject.ts'

const readOnly = 'default_transaction_read_only'

/** The server runs and answers, and every client's statements mean something else, or are refused. */
export default defineCheck({
  id: 'connections/parameter-drift',
  on: ['postgres'],
  severity: 'warning',
  harm: true,
  needs: ['settings'],
  wants: ['roleSettings', 'privileges'],
  wantsCluster: ['lastGood'],
  question: 'Do clients get the same session parameters from each node as when all was last known good?',
  seeds: [2, 3],
  *run({ nodes, wanted }) {
    for (const node of nodes) {
      const good = goodOf(wanted.lastGood, node.name)?.settings
      const hidden = hiddenFromReader(node.wanted)
      for (const name of sessionParameters) {
        const value = node.settings[name]
        const old = good?.[name]
        if (value === undefined || hidden.has(name)) continue
        const refusesWrites = name === readOnly && value === 'on' && node.role === 'primary'
        const isNew = old !== undefined && differs(old, value)
        if (!isNew && !(refusesWrites && old === undefined)) continue
        yield {
          subject: subject.setting(node.name, name),
          node: node.name,
          severity: !refusesWrites ? 'warning' : isNew ? 'critical' : 'error',
          message: refusesWrites
            ? `${node.name}, a primary, refuses every write that does not ask to be one: ${readOnly} is on`
            : `clients of ${node.name} get ${name} = ${value}, which was ${old}`,
          evidence: { name, old: old ?? null, new: value },
          remedy: `On ${node.name}: ${alterSystem(name, old ?? 'off')} see that it took: show ${name}; if not, look where it comes from: select source, sourcefile, sourceline from pg_settings where name = '${name}'; If it was meant: antemortem accept`,
        }
      }
    }
  },
})

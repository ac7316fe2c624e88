import { subject } from '../../../core/subject.ts'
import { stuckNodes } from '../../applies.ts'
import { defineRule } from '../../rule.ts'

/** Rows that the change itself wrote may arrive otherwise than they were written: rounded, twice, or not at all. */
export default defineRule({
  id: 'replication/rows-differ',
  consequence: 'replication/divergence',
  severity: 'error',
  question: 'Are the tables that the change touched the same on every node that carries them?',
  *run({ compared, canaries, applies, primary }) {
    const stopped = stuckNodes(applies)
    for (const { schema, table, node, verdict, detail } of compared) {
      if ((verdict !== 'different' && verdict !== 'absent') || stopped.has(node)) continue
      // What a test row has shown already needs no second finding.
      const isKnown = canaries.some(
        (canary) => canary.node === node && canary.schema === schema && canary.table === table && isBad(canary.outcome),
      )
      if (isKnown) continue
      yield {
        object: subject.table(node, schema, table),
        nodes: [node],
        message:
          verdict === 'absent'
            ? `${schema}.${table} is carried to ${node} and is not there after the change`
            : `after the change ${schema}.${table} has other rows on ${node} than on ${primary}${detail === null ? '' : `: ${detail}`}`,
        remedy: `Write rows on ${primary} only, and give ${node} the same types: what arrives there is what ${primary} sends.`,
        about: [`${schema}.${table}`],
      }
    }
  },
})

const isBad = (outcome: string): boolean => outcome === 'missing' || outcome === 'different'

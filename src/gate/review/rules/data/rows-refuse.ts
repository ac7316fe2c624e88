import { subject } from '../../../../core/subject.ts'
import { defineReviewRule } from '../../rule.ts'

/** A statement that judges the rows that are there fails on production, whatever an empty copy says. */
export default defineReviewRule({
  id: 'data/rows-refuse',
  consequence: 'application/error',
  severity: 'error',
  question: "Do production's rows let every statement through that judges them?",
  *run({ probes }) {
    for (const { statement, node, table, rows, most, what, look, detail } of probes) {
      const at = table.indexOf('.')
      const object = subject.table(node, table.slice(0, at), table.slice(at + 1))
      if (rows === null)
        yield {
          object,
          nodes: [node],
          severity: 'info',
          message: `whether rows of ${table} refuse it (${what}) could not be asked: ${detail ?? 'no answer'}`,
          remedy: `Let the reading role select from ${table}, or look by hand.`,
          at: statement,
          basis: 'probe',
        }
      else if (rows > 0)
        yield {
          object,
          nodes: [node],
          message: `${rows >= most ? `${most} rows or more` : rows === 1 ? '1 row' : `${rows} rows`} of ${table} refuse it (${what}): it fails on ${node}, and a deployment stops half-way`,
          remedy: `Mend those rows first; they are shown by: ${look}`,
          at: statement,
          basis: 'probe',
        }
    }
  },
})

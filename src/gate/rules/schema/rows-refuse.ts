import { subject } from '../../../core/subject.ts'
import { defineRule } from '../../rule.ts'

/** The copy's rows are made up: whether production's let a statement through that judges them is asked in production, by counting. */
export default defineRule({
  id: 'schema/rows-refuse',
  consequence: 'application/error',
  severity: 'error',
  question: "Do production's rows let every statement through that judges them?",
  *run({ probes }) {
    for (const { statement, node, table, rows, most, what, look } of probes) {
      if (rows === null || rows === 0) continue
      const at = table.indexOf('.')
      const place = `${statement.file}:${statement.line}`
      yield {
        object: subject.table(node, table.slice(0, at), table.slice(at + 1)),
        nodes: [node],
        message: `${place}: ${rows >= most ? `${most} rows or more` : rows === 1 ? '1 row' : `${rows} rows`} of ${table} on ${node} refuse it (${what})`,
        remedy: `Mend those rows first; they are shown by: ${look}`,
        about: [table],
      }
    }
  },
})

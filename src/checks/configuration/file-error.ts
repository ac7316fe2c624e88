import { defineCheck } from '../../core/check.ts'
import { fileErrors } from '../../core/file-errors.ts'
import { subject } from '../../core/subject.ts'

/** A reload passes over a bad line and says so only in the log; the next start does not pass over it. */
export default defineCheck({
  id: 'configuration/file-error',
  on: ['postgres'],
  severity: 'error',
  needs: ['fileSettings'],
  wants: ['pendingRestart', 'settings'],
  question: 'Is every line of the configuration files one that the server would take?',
  seeds: [2, 4],
  *run({ nodes }) {
    for (const node of nodes)
      for (const { file, line, name, value, error } of fileErrors(node.fileSettings, node.wanted)) {
        const where = `${file} line ${line}`
        yield {
          subject: subject.setting(node.name, name ?? where),
          node: node.name,
          message: `${where} of ${node.name}: ${name ?? 'this line'}: ${error ?? ''}`,
          evidence: { sourcefile: file, sourceline: line, name, setting: value, error },
          remedy: `Correct ${where} on ${node.name}${name === null ? '' : ` (or, where ALTER SYSTEM wrote it: alter system reset ${name};)`}. See that this gives no row: select sourcefile, sourceline, name, error from pg_file_settings where error is not null; Do not restart before.`,
        }
      }
  },
})

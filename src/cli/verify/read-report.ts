import { AntemortemError } from '../../core/error.ts'
import type { VerifyReport } from '../../core/verification.ts'
import { verifyReportOf, verifyReportShape } from '../../shapes/verify.ts'
import { readJsonFile } from '../read-text.ts'

const limits = {
  mostBytes: 50_000_000,
  what: 'report',
  hint: 'Name a file that `antemortem verify --format json` has written.',
}

/** Reads what an earlier `verify --format json` printed. */
export function readReport(file: string): VerifyReport {
  const read = verifyReportShape.safeParse(readJsonFile(file, limits))
  if (read.success) return verifyReportOf(read.data)
  const [issue] = read.error.issues
  const where = issue && issue.path.length > 0 ? ` (${issue.path.join('.')}: ${issue.message})` : ''
  throw new AntemortemError('report-invalid', `${file} is no report of verify${where}`, limits.hint, { exit: 2 })
}

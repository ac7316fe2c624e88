import type { Bundle, Case } from '../core/diagnosis.ts'
import { redactValue } from '../core/redact.ts'

/** What leaves the process: every text redacted, nothing else changed. The case in it is the one that is judged. */
export function bundle(c: Case, program: string, catalogue: string): Bundle {
  // Redaction masks texts and leaves the shape alone.
  return { format: 1, program, catalogue, case: redactValue(c) as Case }
}

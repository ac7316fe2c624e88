import type { Case } from '../core/diagnosis.ts'
import type { Finding } from '../core/finding.ts'

/**
 * It was so when all was last known good: whatever it will cost one day, it is not what hurts now. While nothing is known good, only
 * what a setting says is taken for old.
 */
export const isStanding = (c: Case, { severity, sinceMs, check }: Finding): boolean =>
  severity !== 'critical' && (c.lastGoodMs === null ? check.startsWith('configuration/') : sinceMs <= c.lastGoodMs)

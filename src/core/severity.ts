/** From least to most: the order is the scale. */
export const severities = ['info', 'warning', 'error', 'critical'] as const

/** critical: users hurt now, or data being lost · error: will hurt at the next fault or change. */
export type Severity = (typeof severities)[number]

export const atLeast = (severity: Severity, floor: Severity): boolean =>
  severities.indexOf(severity) >= severities.indexOf(floor)

import { schemaCases } from './a-schema.ts'
import { slotCases } from './b-slots.ts'
import { settingCases } from './c-settings.ts'
import type { GateCase } from './case.ts'
import { accessCases } from './d-access.ts'
import { dataCases, lockCases, serverCases } from './e-rows.ts'
import { harmlessCases } from './h-harmless.ts'

/** Changes that break something, and controls beside them that do not. */
export const faultCases: readonly GateCase[] = [
  ...schemaCases,
  ...slotCases,
  ...settingCases,
  ...accessCases,
  ...lockCases,
  ...dataCases,
  ...serverCases,
]

export { harmlessCases }

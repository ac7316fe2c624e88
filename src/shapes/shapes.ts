import { bundleShape } from './bundle.ts'
import { changeShape } from './change.ts'
import { checkReportShape } from './check.ts'
import { contractResultShape, replicationLoginShape } from './contract.ts'
import { diagnosisShape } from './diagnosis.ts'
import { drillResultShape } from './drill.ts'
import { eventShape } from './event.ts'
import { checkResultShape, findingShape } from './finding.ts'
import { gateReportShape } from './gate.ts'
import { outageShape } from './outage.ts'
import { planShape } from './plan.ts'
import { reviewReportShape } from './review.ts'
import { statusShape } from './status.ts'
import { verifyReportShape } from './verify.ts'

/** Every published shape under its name in docs/cli.md; `z.toJSONSchema` makes a JSON Schema of each. */
export const shapes = {
  Bundle: bundleShape,
  Change: changeShape,
  CheckReport: checkReportShape,
  CheckResult: checkResultShape,
  ContractResult: contractResultShape,
  Diagnosis: diagnosisShape,
  DrillResult: drillResultShape,
  Event: eventShape,
  Finding: findingShape,
  GateReport: gateReportShape,
  Outage: outageShape,
  Plan: planShape,
  ReplicationLogin: replicationLoginShape,
  ReviewReport: reviewReportShape,
  Status: statusShape,
  VerifyReport: verifyReportShape,
} as const

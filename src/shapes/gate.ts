import { z } from 'zod'
import type { GateReport } from '../core/gate.ts'
import { changeJson, changeShape } from './change.ts'
import { list, severity } from './scalar.ts'

export const gateFindingShape = z.object({
  rule: z.string(),
  consequence: z.string(),
  object: z.string(),
  nodes: list(z.string()),
  severity,
  message: z.string(),
  remedy: z.string(),
})

export const gateReportShape = z.object({
  change: z.string(),
  stage: z.enum(['review', 'rehearse', 'apply', 'verify', 'rolled-back']),
  verdict: z.enum(['pass', 'warn', 'block']),
  findings: list(gateFindingShape),
  locks: list(
    z.object({ node: z.string(), object: z.string(), mode: z.string(), held_ms: z.number(), rewrites: z.boolean() }),
  ),
  wal_bytes: z.number().nullable(),
  rollback: z.enum(['R0', 'R1', 'R2', 'R3', 'R4']),
  undeclared: list(changeShape),
  command_exit: z.number().exactOptional(),
  journal: z.string().exactOptional(),
})

export function gateReportJson(report: GateReport) {
  return {
    change: report.change,
    stage: report.stage,
    verdict: report.verdict,
    findings: report.findings,
    locks: report.locks.map(({ node, object, mode, heldMs, rewrites }) => ({
      node,
      object,
      mode,
      held_ms: heldMs,
      rewrites,
    })),
    wal_bytes: report.walBytes,
    rollback: report.rollback,
    undeclared: report.undeclared.map(changeJson),
    ...(report.commandExit === undefined ? {} : { command_exit: report.commandExit }),
    ...(report.journal === undefined ? {} : { journal: report.journal }),
  } satisfies z.output<typeof gateReportShape>
}

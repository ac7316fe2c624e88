import canaryDiffers from './rules/canary-differs.ts'
import commandFails from './rules/command-fails.ts'
import contractFails from './rules/contract-fails.ts'
import leftProcesses from './rules/left-processes.ts'
import newFindings from './rules/new-findings.ts'
import nodeGone from './rules/node-gone.ts'
import rowsLost from './rules/rows-lost.ts'
import stillBehind from './rules/still-behind.ts'
import subscriberWritten from './rules/subscriber-written.ts'
import tableUnreadable from './rules/table-unreadable.ts'
import undeclared from './rules/undeclared.ts'
import waitsForRestart from './rules/waits-for-restart.ts'
import type { WrapRule } from './wrapped.ts'

/** What can speak against a wrapped command, beside the rules that it shares with a rehearsal. */
export const wrapRules: readonly WrapRule[] = [
  commandFails,
  leftProcesses,
  nodeGone,
  contractFails,
  canaryDiffers,
  tableUnreadable,
  rowsLost,
  subscriberWritten,
  stillBehind,
  newFindings,
  waitsForRestart,
  undeclared,
]

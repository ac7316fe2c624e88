import type { Layer } from '../../core/facts/cluster.ts'
import type { Blindness, Unseen } from '../../core/observation.ts'
import { unseen } from '../../core/observation.ts'
import { redact } from '../../core/redact.ts'
import { rules } from './failure-rules.ts'

/** How far a connection had come. `ready` is after the first answer. */
export type Phase = 'dns' | 'tcp' | 'tls' | 'startup' | 'ready'

/** Why a server could not be asked, by the layer that failed. The key is (phase, code, routine, message): one SQLSTATE covers several causes. */
export interface LinkFailure {
  readonly why: Blindness
  readonly layer: Layer
  /** SQLSTATE, system code, or a word of ours in capitals. */
  readonly code: string | null
  /** Redacted. */
  readonly message: string
  readonly remedy: string
  readonly phase: Phase
}

/** What a driver's error says, whatever its class. */
export interface DriverError {
  readonly code: string | null
  readonly routine: string | null
  readonly message: string
  readonly phase: Phase
}

/** Our own reasons to give up, told apart from the driver's. */
export class GaveUp extends Error {
  readonly code: 'CLIENT_DEADLINE' | 'NOT_POSTGRESQL' | 'CLOSED'
  constructor(code: GaveUp['code'], message: string) {
    super(message)
    this.name = 'GaveUp'
    this.code = code
  }
}

const textOf = (error: object, key: string): string | null => {
  const value: unknown = Reflect.get(error, key)
  return typeof value === 'string' && value !== '' ? value : null
}

function readError(error: unknown, phase: Phase): DriverError {
  if (typeof error !== 'object' || error === null) return { code: null, routine: null, message: String(error), phase }
  // `localhost` is two addresses: Node wraps their two refusals into one error without a message.
  const parts: unknown[] = error instanceof AggregateError ? error.errors : []
  const message = textOf(error, 'message') ?? parts.map((part) => readError(part, phase).message).join('; ')
  return { code: textOf(error, 'code'), routine: textOf(error, 'routine'), message, phase }
}

/** Turns whatever a connection or statement failed with into a failure by layer. */
export function classify(error: unknown, phase: Phase, where: string): LinkFailure {
  const read = readError(error, phase)
  for (const rule of rules) {
    if (rule.phases && !rule.phases.includes(phase)) continue
    if (rule.code && !rule.code.test(read.code ?? '')) continue
    if (rule.routine && read.routine !== rule.routine) continue
    if (rule.message && !rule.message.test(read.message)) continue
    const { why, layer, remedy } = rule
    return { why, layer, code: read.code, message: `${where}: ${redact(read.message)}`, remedy, phase }
  }
  return {
    why: 'unreachable',
    layer: phase === 'ready' ? 'query' : 'tcp',
    code: read.code,
    message: `${where}: ${redact(read.message)}`,
    remedy: "look at the server's log of this moment",
    phase,
  }
}

export const failureToUnseen = (failure: LinkFailure): Unseen => unseen(failure.why, failure.message, failure.remedy)

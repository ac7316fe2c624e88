import type { Evidence } from '../core/diagnosis.ts'
import type { Scalar } from '../core/json.ts'

/** One piece of what was read on a node. */
export const evidenceOf = (
  node: string | null,
  source: string,
  words: string,
  values: Readonly<Record<string, Scalar>> = {},
): Evidence => ({ words, node, source, values })

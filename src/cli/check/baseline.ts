import { z } from 'zod'
import { AntemortemError } from '../../core/error.ts'
import type { Finding } from '../../core/finding.ts'
import { severity } from '../../shapes/scalar.ts'
import { readJsonFile } from '../read-text.ts'

/** A finding of an earlier run. */
export type KnownFinding = Pick<Finding, 'check' | 'subject' | 'severity' | 'message'> & { readonly node?: string }

/** By cluster. */
export type Baseline = ReadonlyMap<string, readonly KnownFinding[]>

const known = z.object({
  check: z.string(),
  subject: z.string(),
  node: z.string().exactOptional(),
  severity,
  message: z.string(),
  muted: z.unknown().optional(),
})

/** As much of `check --format json` as tells it from any other JSON. */
const shape = z.object({
  clusters: z.array(
    z.object({
      name: z.string(),
      results: z.array(z.unknown()),
      findings: z.array(known),
      known: z.array(known).default([]),
    }),
  ),
  summary: z.object({ checks: z.number() }),
})

const limits = {
  mostBytes: 50_000_000,
  what: 'baseline',
  hint: 'Name a file that `antemortem check --format json` has written.',
}

/** Reads what an earlier `check --format json` found. A mute has an end, and a baseline would not: muted ones are not in it. */
export function readBaseline(file: string): Baseline {
  const read = shape.safeParse(readJsonFile(file, limits))
  if (!read.success) throw broken(file)
  return new Map(
    read.data.clusters.map((cluster) => [
      cluster.name,
      [...cluster.findings, ...cluster.known].filter(({ muted }) => muted === undefined),
    ]),
  )
}

const broken = (file: string): AntemortemError =>
  new AntemortemError('baseline-invalid', `${file} is no baseline`, limits.hint, { exit: 2 })

import { z } from 'zod'
import type { Bundle } from '../core/diagnosis.ts'
import { AntemortemError } from '../core/error.ts'
import { changeKinds } from './change.ts'
import { blindness } from './facts/observation.ts'
import { list, scalars, severity } from './scalar.ts'
import { snapshotShape } from './snapshot.ts'

/** Above this, reading costs more memory than a laptop has to spare; bundles of real drills are a thousand times smaller. */
export const bundleLimitBytes = 256 * 1024 * 1024

const change = z.object({
  id: z.string(),
  atMs: z.number(),
  notBeforeMs: z.number(),
  kind: z.enum(changeKinds),
  object: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  source: z.string(),
})

const finding = z.object({
  check: z.string(),
  subject: z.string(),
  node: z.string().exactOptional(),
  severity,
  sinceMs: z.number(),
  sustained: z.boolean(),
  message: z.string(),
  evidence: scalars,
  remedy: z.string(),
})

const unchecked = z.object({
  check: z.string(),
  node: z.string(),
  why: blindness,
  detail: z.string(),
  remedy: z.string(),
  subjects: list(z.string()).exactOptional(),
})

/** The file keeps core's own names and milliseconds: a diagnosis of it must be that of the moment, byte for byte. */
export const bundleShape = z.object({
  format: z.literal(1),
  program: z.string(),
  catalogue: z.string(),
  case: z.object({
    cluster: z.string(),
    atMs: z.number(),
    window: z.object({ fromMs: z.number(), toMs: z.number() }),
    findings: list(finding),
    changes: list(change),
    snapshot: snapshotShape,
    earlier: snapshotShape.nullable(),
    lastGoodMs: z.number().nullable(),
    load: z.object({
      nodes: list(z.object({ node: z.string(), active: z.number(), band: z.number().nullable() })),
    }),
    unansweredMs: z.record(z.string(), z.number()).readonly(),
    unchecked: list(unchecked).exactOptional(),
  }),
}) satisfies z.ZodType<Bundle>

/** Reads a bundle; `name` is the file, for messages. */
export function readBundle(text: string, name: string): Bundle {
  if (text.length > bundleLimitBytes) throw refuse('bundle-too-large', `${name} is larger than 256 MB`)
  const value = parse(text, name)
  const format = z.object({ format: z.number() }).safeParse(value)
  if (!format.success) throw refuse('bundle-unreadable', `${name} is no bundle: it has no format number`)
  if (format.data.format !== 1) {
    const newer = `${name} has bundle format ${format.data.format}, and this version reads format 1`
    throw refuse('bundle-format', newer, 'Read it with the version of antemortem that wrote it.')
  }
  const bundle = bundleShape.safeParse(value)
  if (bundle.success) return bundle.data
  const [first] = bundle.error.issues
  throw refuse(
    'bundle-unreadable',
    `${name}: ${first ? `${z.core.toDotPath(first.path)}: ${first.message}` : 'no bundle'}`,
  )
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const words = endsEarly(cause, text) ? 'ends in the middle: it was not written to the end' : 'is not JSON'
    throw new AntemortemError('bundle-unreadable', `${name} ${words}`, writeAnew, { cause, exit: 2 })
  }
}

/** V8 says where it stopped; a file that was cut stops at its very end. */
function endsEarly(cause: unknown, text: string): boolean {
  if (!(cause instanceof SyntaxError)) return false
  const position = /at position (\d+)/.exec(cause.message)?.[1]
  return position === undefined
    ? cause.message.includes('end of JSON input')
    : Number(position) >= text.trimEnd().length
}

const writeAnew = 'Write it anew: antemortem diagnose --bundle FILE.'

const refuse = (code: string, message: string, hint: string = writeAnew): AntemortemError =>
  new AntemortemError(code, message, hint, { exit: 2 })

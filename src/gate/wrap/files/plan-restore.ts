import type { Scalar } from '../../../core/json.ts'
import type { Plan, Refusal, Step } from '../../../core/plan.ts'
import { subject } from '../../../core/subject.ts'
import type { KeptConnection } from '../connections/kept-connections.ts'
import { stepOfConnection } from '../connections/restore-connection.ts'
import type { RewrittenConnection } from '../connections/rewritten.ts'
import type { CapturedFile } from './captured.ts'

export const restoreKind = 'restore-file'

/** A settings file before and after the command, with where its bytes are kept. */
export interface ChangedFile {
  readonly before: CapturedFile
  readonly keptBefore: string
  /** null: the command has removed it. */
  readonly after: CapturedFile | null
  readonly keptAfter: string | null
}

const deadlineMs = 10_000
/** A plan is carried out at once; what comes later must look again. */
const goodForMs = 600_000

/** Files put back byte for byte, and connection strings of subscriptions, each only while it is still as the command has left it. Pure. */
export function planRestore(
  changed: readonly ChangedFile[],
  connections: readonly RewrittenConnection[],
  about: { readonly id: string; readonly cluster: string; readonly atMs: number },
): Plan {
  return {
    id: about.id,
    kind: 'restore-files',
    subject: [...changed.map(({ before }) => before.file), ...connections.map(({ before }) => objectOf(before))].join(
      ', ',
    ),
    cluster: about.cluster,
    basis: {
      fingerprint: [...changed, ...connections].map(({ before }) => before.sha256.slice(0, 12)).join(' '),
      atMs: about.atMs,
      expiresMs: about.atMs + goodForMs,
    },
    steps: [
      ...changed.map((one, at) => stepOf(one, at + 1)),
      ...connections.map((one, at) => stepOfConnection(one, changed.length + at + 1)),
    ],
    refusals: changed.flatMap(refusalOf),
  }
}

export const objectOf = ({ node, subscription }: KeptConnection): string => subject.subscription(node, subscription)

function stepOf({ before, keptBefore, after, keptAfter }: ChangedFile, n: number): Step {
  return {
    n,
    kind: restoreKind,
    words: `put ${before.file} back as it was before the command: ${before.bytes.length} bytes`,
    node: null,
    input: inputOf(before, keptBefore, after?.sha256 ?? 'absent'),
    idempotent: 'check-first',
    undo:
      after === null || keptAfter === null
        ? { none: 'the command had removed the file' }
        : {
            step: {
              kind: restoreKind,
              words: `write ${before.file} as the command had left it`,
              node: null,
              input: inputOf(after, keptAfter, before.sha256),
              deadlineMs,
            },
          },
    deadlineMs,
  }
}

const inputOf = (to: CapturedFile, kept: string, expects: string): Readonly<Record<string, Scalar>> => ({
  place: to.place,
  kept,
  sha256: to.sha256,
  expects,
  mode: to.mode,
  uid: to.uid,
  gid: to.gid,
  modified_ms: to.modifiedMs,
  links: to.links,
})

/** A link that leads elsewhere now is somebody's release, and its new target somebody else's file. */
function refusalOf({ before, after }: ChangedFile): readonly Refusal[] {
  if (after === null || after.place === before.place) return []
  return [
    {
      id: 'link-moved',
      why: `${before.file} led to ${before.place} before the command and leads to ${after.place} now`,
      evidence: { file: before.file, before: before.place, after: after.place },
    },
  ]
}

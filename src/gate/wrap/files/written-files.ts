import type { Change } from '../../../core/change.ts'
import type { Allowed } from '../../allow.ts'
import { isFileAllowed } from '../../allow.ts'
import type { WrittenFile } from '../wrapped.ts'
import type { CapturedFile } from './captured.ts'
import { captureFile } from './captured.ts'
import type { ChangedFile } from './plan-restore.ts'
import type { KeptBytes } from './kept-bytes.ts'

/** A settings file before the command, and where its bytes are kept. */
export interface KeptFile {
  readonly captured: CapturedFile
  readonly kept: string
}

/** Takes every settings file down, byte for byte; one that is not there has nothing to be kept. */
export function keepFiles(files: readonly string[], bytes: KeptBytes): readonly KeptFile[] {
  return files.flatMap((file) => {
    const captured = captureFile(file)
    return captured === null ? [] : [{ captured, kept: bytes.keep(captured, 'before') }]
  })
}

/** Those that are others now; what is kept of them after the command makes its way back. */
export function changedFiles(kept: readonly KeptFile[], bytes: KeptBytes): readonly ChangedFile[] {
  return kept.flatMap(({ captured: before, kept: keptBefore }) => {
    const after = captureFile(before.file)
    if (after !== null && after.sha256 === before.sha256 && after.place === before.place) return []
    return [{ before, keptBefore, after, keptAfter: after === null ? null : bytes.keep(after, 'after') }]
  })
}

/** The same for the rules: without a byte of them. Pure. */
export function writtenFiles(
  changed: readonly ChangedFile[],
  changes: readonly Change[],
  allowed: readonly Allowed[],
): readonly WrittenFile[] {
  return changed.map(({ before: { file }, after }) => ({
    file,
    isAllowed: isFileAllowed(file, allowed),
    isGone: after === null,
    keys: changes.flatMap(({ object }) => (object.startsWith(`${file}#`) ? [object.slice(file.length + 1)] : [])),
  }))
}

/** What changed in them beside the keys of connections, which have changes of their own. Pure. */
export function fileChanges(
  changed: readonly ChangedFile[],
  ofKeys: readonly Change[],
  times: { readonly beforeMs: number; readonly afterMs: number },
): readonly Change[] {
  return changed
    .filter(({ before: { file } }) => !ofKeys.some(({ object }) => object.startsWith(`${file}#`)))
    .map(({ before, after }) => ({
      id: `chg-${times.afterMs}-${before.file.replaceAll(/[^\w.-]+/g, '-')}`,
      atMs: times.afterMs,
      notBeforeMs: times.beforeMs,
      kind: 'deployment',
      object: before.file,
      before: words(before),
      after: after === null ? null : words(after),
      source: 'file',
    }))
}

const words = ({ bytes, sha256, place, file }: CapturedFile): string =>
  `${bytes.length} bytes, sha256 ${sha256.slice(0, 12)}${place === file ? '' : `, at ${place}`}`

import type { Mute } from '../core/configuration.ts'
import type { CheckResult, Finding } from '../core/finding.ts'
import { matchesGlob } from '../core/glob.ts'

/** The same results, with who lives with a finding, why and until when. What is muted is still found, told and closed. */
export const withMutes = (
  results: readonly CheckResult[],
  mutes: readonly Mute[],
  atMs: number,
): readonly CheckResult[] =>
  mutes.length === 0
    ? results
    : results.map((result) => ({
        ...result,
        found: result.found.map((finding) => {
          const mute = muteOf(finding, mutes, atMs)
          return mute
            ? { ...finding, muted: { owner: mute.owner, reason: mute.reason, untilMs: mute.untilMs } }
            : finding
        }),
      }))

/** Of several the one that lasts longest. */
const muteOf = (
  { check, subject }: Pick<Finding, 'check' | 'subject'>,
  mutes: readonly Mute[],
  atMs: number,
): Mute | undefined =>
  mutes
    .filter((mute) => atMs < mute.untilMs && matchesGlob(mute.check, check) && [null, subject].includes(mute.subject))
    .toSorted((a, b) => b.untilMs - a.untilMs)[0]

/** Mutes that mute nothing any more: somebody promised to look at it until then. */
export const endedMutes = (mutes: readonly Mute[], atMs: number): readonly Mute[] =>
  mutes.filter(({ untilMs }) => untilMs <= atMs)

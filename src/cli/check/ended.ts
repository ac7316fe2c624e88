import type { Mute } from '../../core/configuration.ts'

/** A mute that mutes nothing any more is told until somebody takes it out or renews it. */
export const endedText = ({ check, subject, owner, untilMs }: Mute): string =>
  `the mute of ${check}${subject === null ? '' : ` on ${subject}`} ended ${new Date(untilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC: ask ${owner}, then renew it or take it out`

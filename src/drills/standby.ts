import type { GroundStep } from './steps.ts'

/**
 * A standby that does not tell its primary what its queries still need, as most do. Slots are then not synchronised either: that
 * demands the feedback.
 */
export const withoutFeedback = (
  standby: string,
  settings: Readonly<Record<string, string>> = {},
): readonly GroundStep[] => [
  {
    do: 'conf',
    node: standby,
    settings: { hot_standby_feedback: 'off', sync_replication_slots: 'off', ...settings },
  },
  { do: 'reload', node: standby },
]

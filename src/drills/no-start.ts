import { subject } from '../core/subject.ts'
import { confLines } from '../lab/conf.ts'
import type { Act } from './scene.ts'

/** A routine update of the primary writes a setting with which it does not start again. Nothing takes over. */
export const noStart = (primary: string, setting: string, value: string): Act => ({
  trigger: [
    { do: 'conf', node: primary, settings: { [setting]: value } },
    { do: 'restart', node: primary, fails: true },
  ],
  truth: {
    cause: 'server/config-prevents-start',
    subject: subject.setting(primary, setting),
    trigger: subject.setting(primary, setting),
    also: ['replication/standby-disconnected', 'replication/subscriber-disconnected'],
    symptom: { min: 0.9 },
  },
  change: {
    is: 'files',
    asMade: [{ name: 'postgresql.conf', text: confLines({ [setting]: value }) }],
    corrected: [{ name: 'postgresql.conf', text: confLines({ work_mem: '8MB' }) }],
    review: {
      rules: ['configuration/preload-library', 'configuration/wal-level'],
      objects: [subject.setting(primary, setting)],
      node: primary,
    },
    rehearse: { rules: ['server/does-not-start'], objects: [subject.setting(primary, setting)], node: primary },
  },
})

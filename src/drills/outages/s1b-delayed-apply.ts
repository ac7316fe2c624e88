import { subject } from '../../core/subject.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** Somebody gives the standby a delay, and it serves reads: passwords that users changed are the old ones there. */
const drill: Drill = {
  id: 's1b',
  title: 'Stale logins: the standby replays ten minutes late, on purpose',
  kind: 'variant',
  serving: ['standby'],
  ...noOriginal,
  act({ names }) {
    const { primary, standby, usersTable } = names
    const changed = subject.setting(standby, 'recovery_min_apply_delay')
    return {
      trigger: [
        { do: 'conf', node: standby, settings: { recovery_min_apply_delay: '10min' } },
        { do: 'reload', node: standby },
        { do: 'wait', ms: 1000 },
        { do: 'sql', node: primary, text: `update ${usersTable} set password_hash = md5('new' || id) where id <= 900` },
        { do: 'passwords', from: 1, count: 900, prefix: 'new' },
      ],
      truth: {
        cause: 'replication/delayed-apply',
        subject: changed,
        trigger: changed,
        symptom: { codes: ['APP_BAD_HASH'], min: 0.2 },
      },
    }
  },
}
export default drill

import { subject } from '../../core/subject.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** A forgotten transaction holds the users table while a harmless migration runs beside it. */
const drill: Drill = {
  id: '0e',
  title: 'Logins hang behind a lock, beside a harmless migration',
  kind: 'look-alike',
  ...noOriginal,
  act({ names: { primary, subscriber, usersTable } }) {
    const create = 'create table feature_flags (name text primary key, enabled boolean)'
    return {
      trigger: [
        { do: 'sql', node: subscriber, text: create },
        { do: 'sql', node: primary, text: `${create}; insert into feature_flags values ('new-login', true)` },
        {
          do: 'hold',
          node: primary,
          text: `lock table ${usersTable} in access exclusive mode`,
          application: 'nightly',
        },
      ],
      truth: {
        cause: 'contention/lock',
        subject: subject.table(primary, 'public', usersTable),
        trigger: null,
        symptom: { min: 0.3 },
      },
    }
  },
}
export default drill

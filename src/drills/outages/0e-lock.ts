import type { Drill } from '../scene.ts'

/** A forgotten transaction holds the users table while a harmless migration runs beside it. */
const drill: Drill = {
  id: '0e',
  title: 'Logins hang behind a lock, beside a harmless migration',
  kind: 'look-alike',
  course: [],
  original: { toCauseMin: null, totalMin: null },
  guards: {},
  act({ names: { primary, subscriber, usersTable } }) {
    const create = 'create table feature_flags (name text primary key, enabled boolean)'
    return {
      trigger: [
        { do: 'sql', node: subscriber, text: create },
        { do: 'sql', node: primary, text: `${create}; insert into feature_flags values ('new-login', true)` },
        { do: 'hold', node: primary, text: `lock table ${usersTable} in access exclusive mode`, forMs: 10_000 },
        { do: 'wait', ms: 10_000 },
      ],
      truth: { cause: 'unknown', subject: null, trigger: null },
    }
  },
}
export default drill

import { noOriginal, reading, type Drill } from '../scene.ts'

/** The migration is right; somebody switches the subscription off, and users change their passwords. */
const drill: Drill = {
  id: '0d',
  title: 'Stale logins: the subscription was disabled',
  kind: 'look-alike',
  ...noOriginal,
  act({ names, release }) {
    const { primary, subscriber, subscription, usersTable } = names
    const create = 'create table schema_migrations (version text primary key)'
    return {
      trigger: [
        { do: 'sql', node: subscriber, text: `${create}; insert into schema_migrations values ('1')` },
        { do: 'sql', node: primary, text: `${create}; insert into schema_migrations values ('1'), ('2')` },
        { do: 'sql', node: subscriber, text: `alter subscription ${subscription} disable` },
        { do: 'wait', ms: 500 },
        { do: 'sql', node: primary, text: `update ${usersTable} set password_hash = md5('new' || id)` },
        {
          do: 'release',
          release: { ...release, name: 'v2', statements: reading(usersTable, 'id', usersTable), password: 'new' },
        },
      ],
      truth: {
        cause: 'replication/subscription-disabled',
        subject: `${subscriber}:subscription ${subscription}`,
        trigger: `${subscriber}:subscription ${subscription}`,
        symptom: { codes: ['APP_BAD_HASH'], min: 0.2 },
      },
    }
  },
}
export default drill

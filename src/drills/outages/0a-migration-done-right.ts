import { noOriginal, reading, type Drill } from '../scene.ts'

/** The same migration with the publication told and the subscription refreshed: nothing is wrong at any moment. */
const drill: Drill = {
  id: '0a',
  title: 'The same schema update, done right',
  kind: 'look-alike',
  ...noOriginal,
  act({ names, release }) {
    const { primary, subscriber, publication, subscription, usersTable } = names
    const create = 'create table user_credentials (user_id int primary key, password_hash text not null)'
    return {
      trigger: [
        { do: 'sql', node: subscriber, text: create },
        {
          do: 'sql',
          node: primary,
          text: `begin; ${create}; alter publication ${publication} add table user_credentials; insert into user_credentials select id, password_hash from ${usersTable}; commit;`,
        },
        { do: 'sql', node: subscriber, text: `alter subscription ${subscription} refresh publication` },
        { do: 'wait', ms: 2500 },
        {
          do: 'release',
          release: { ...release, name: 'v2', statements: reading('user_credentials', 'user_id', usersTable) },
        },
      ],
      truth: { cause: 'healthy', subject: null, trigger: null, symptom: { max: 0.02 } },
    }
  },
}
export default drill

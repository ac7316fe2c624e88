import { splitRelease } from '../releases.ts'
import { noOriginal, type Drill } from '../scene.ts'

/** The migration of outage 0 as it should have been: rows first, then the publication, then the subscription, then the release. */
const drill: Drill = {
  id: 'd7',
  title: 'Nothing is wrong: the schema update of outage 0, with replication told',
  kind: 'look-alike',
  ...noOriginal,
  act(scene) {
    const { primary, subscriber, publication, subscription, usersTable } = scene.names
    const table = 'user_credentials'
    const create = `create table ${table} (user_id int primary key, password_hash text not null)`
    return {
      trigger: [
        { do: 'sql', node: primary, text: create },
        { do: 'sql', node: subscriber, text: create },
        {
          do: 'sql',
          node: primary,
          text: `insert into ${table} select id, password_hash from ${usersTable}; alter publication ${publication} add table ${table}`,
        },
        { do: 'sql', node: subscriber, text: `alter subscription ${subscription} refresh publication` },
        { do: 'wait', ms: 3000 },
        { do: 'release', release: splitRelease(scene, table) },
      ],
      truth: { cause: 'healthy', subject: null, trigger: null, symptom: { max: 0.02 } },
    }
  },
}
export default drill
